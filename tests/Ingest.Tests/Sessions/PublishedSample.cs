namespace DataLayer.Ingest.Tests.Sessions;

/// <summary>One sample that reached the sink. Bits, not a double: NaNs are compared too.</summary>
internal sealed record PublishedSample(string Series, long TimeMicros, long ValueBits, float Quality)
{
    public double Value => BitConverter.Int64BitsToDouble(ValueBits);
}
