namespace DataLayer.LoadTest.Compare;

/// <summary>The bodies of one connection's write requests, one after the other. Owned by the connection's thread.</summary>
internal interface IPayload
{
    int SamplesPerRequest { get; }

    /// <summary>Body number 0, 1, 2 …; valid until the next call.</summary>
    ArraySegment<byte> Make(long request);
}
