using System.Text;
using DataLayer.Engines;
using DataLayer.Engines.Events;

namespace DataLayer.Query.Sql;

/// <summary>Columns id, type, source, time, document (JSON), latitude, longitude: the hot events, each id once. A missing place is NaN, for the view to make NULL of it.</summary>
internal sealed class HotEventRows(IReadOnlyList<EngineEvent> events) : NativeScan
{
    private int _next;

    public override int Fill(NativeChunk chunk)
    {
        var rows = Math.Min(NativeChunk.Capacity, events.Count - _next);
        var times = chunk.Column<long>(3);
        var latitudes = chunk.Column<double>(5);
        var longitudes = chunk.Column<double>(6);
        for (var row = 0; row < rows; row++)
        {
            var one = events[_next + row];
            if (!times.IsEmpty) times[row] = one.TimeMicros;
            if (!latitudes.IsEmpty) latitudes[row] = one.Latitude ?? double.NaN;
            if (!longitudes.IsEmpty) longitudes[row] = one.Longitude ?? double.NaN;
            Set(chunk.Vector(0), row, one.Id);
            Set(chunk.Vector(1), row, one.Type);
            Set(chunk.Vector(2), row, one.Source);
            if (chunk.Vector(4) is var documents && documents != IntPtr.Zero) NativeChunk.SetText(documents, row, EventJson.ToUtf8(one.Document.Span));
        }

        _next += rows;
        return rows;
    }

    private static void Set(IntPtr vector, int row, string text)
    {
        if (vector != IntPtr.Zero) NativeChunk.SetText(vector, row, Encoding.UTF8.GetBytes(text));
    }
}
