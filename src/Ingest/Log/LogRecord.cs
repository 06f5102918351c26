using System.Buffers.Binary;
using System.Runtime.InteropServices;
using DataLayer.Ingest.Records;

namespace DataLayer.Ingest.Log;

/// <summary>Writes and reads the log's own records: Schema, Agents, Commit (see <see cref="RecordLayout"/>).</summary>
internal static class LogRecord
{
    public const int CommitBytes = RecordLayout.HeaderBytes;

    /// <summary>The kinds this program knows.</summary>
    public const ushort LastKind = (ushort)RecordKind.Commit;

    public static int SchemaBytes(int columns) => RecordLayout.HeaderBytes + RecordLayout.Align(8 + (4 * columns));

    public static int AgentsBytes(int agents) => RecordLayout.HeaderBytes + 8 + (16 * agents);

    public static void WriteCommit(Span<byte> bytes, long nextLsn, ulong nonce) => WriteHeader(bytes[..CommitBytes], RecordKind.Commit, nextLsn, (long)nonce);

    public static void WriteSchema(Span<byte> bytes, long nextLsn, Schema schema)
    {
        var body = bytes[RecordLayout.HeaderBytes..];
        body.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(body, schema.Number);
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], schema.ColumnCount);
        MemoryMarshal.AsBytes(schema.Series.AsSpan()).CopyTo(body[8..]);
        WriteHeader(bytes, RecordKind.Schema, nextLsn, 0);
    }

    public static void WriteAgents(Span<byte> bytes, long nextLsn, List<(int Number, long Seq)> agents)
    {
        var body = bytes[RecordLayout.HeaderBytes..];
        body.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(body, agents.Count);
        for (var i = 0; i < agents.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(body[(8 + (16 * i))..], agents[i].Number);
            BinaryPrimitives.WriteInt64LittleEndian(body[(16 + (16 * i))..], agents[i].Seq);
        }

        WriteHeader(bytes, RecordKind.Agents, nextLsn, 0);
    }

    /// <summary>False when the body does not add up.</summary>
    public static bool TryReadSchema(ReadOnlySpan<byte> record, out uint number, out int[] series)
    {
        var body = record[RecordLayout.HeaderBytes..];
        (number, series) = (0, []);
        if (body.Length < 8) return false;
        number = BinaryPrimitives.ReadUInt32LittleEndian(body);
        var columns = BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        if (columns < 0 || columns > (body.Length - 8) / 4) return false;
        series = MemoryMarshal.Cast<byte, int>(body.Slice(8, 4 * columns)).ToArray();
        return true;
    }

    /// <summary>Number of agents in the record; -1 when the body does not add up.</summary>
    public static int AgentCount(ReadOnlySpan<byte> record)
    {
        var body = record[RecordLayout.HeaderBytes..];
        if (body.Length < 8) return -1;
        var count = BinaryPrimitives.ReadInt32LittleEndian(body);
        return count >= 0 && count <= (body.Length - 8) / 16 ? count : -1;
    }

    public static (int Number, long Seq) AgentAt(ReadOnlySpan<byte> record, int index)
    {
        var entry = record[(RecordLayout.HeaderBytes + 8 + (16 * index))..];
        return (BinaryPrimitives.ReadInt32LittleEndian(entry), BinaryPrimitives.ReadInt64LittleEndian(entry[8..]));
    }

    private static void WriteHeader(Span<byte> bytes, RecordKind kind, long nextLsn, long batchSeq)
    {
        var header = bytes[..RecordLayout.HeaderBytes];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header[RecordLayout.LengthAt..], bytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[RecordLayout.LsnAt..], nextLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(header[RecordLayout.BodyCrcAt..], Crc32C.Of(bytes[RecordLayout.HeaderBytes..]));
        BinaryPrimitives.WriteUInt16LittleEndian(header[RecordLayout.KindAt..], (ushort)kind);
        BinaryPrimitives.WriteInt64LittleEndian(header[RecordLayout.BatchSeqAt..], batchSeq);
        BinaryPrimitives.WriteUInt32LittleEndian(header, Crc32C.Of(header[RecordLayout.LengthAt..]));
    }
}
