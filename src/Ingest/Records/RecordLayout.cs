namespace DataLayer.Ingest.Records;

/// <summary>
/// The bytes of a record, the same in the ring and in the log. All little-endian; a record is a multiple of 8 bytes.
/// <code>
/// header, 48 bytes
///   0 u32 CRC32C of bytes 4..48     4 u32 length of the whole record    8 u64 LSN
///  16 u32 CRC32C of bytes 48..end  20 u16 kind (RecordKind)            22 u16 flags (bit 0: has events)
///  24 u32 agent number (0 none)    28 u32 samples                      32 u64 batch sequence (0 none)
///  40 i64 arrival, Unix microseconds
/// body of kind Samples: sections, each a run of samples or of events
///   0 u16 section kind   2 u16 flags (bit 0: has quality)   4 u32 schema number (rows) or 0
///   8 u32 count (rows: instants T; samples, events: n)    12 u32 columns N (rows), bytes (events) or 0
///  rows:    T times { i64 time, N x f64 }                                  (stride 8 x (N + 1))
///  events:  n x { i64 time, u16 bytes of id, of type, of source, u16 0, u32 bytes of the document, u32 0, id, type, source, document (padded to 8) }
///  samples: n x i64 time, n x f64 value, n x u32 series (padded to 8), with quality: n x f32 (padded to 8)
/// body of kind Schema: u32 schema number, u32 N, N x u32 series number (0xFFFFFFFF refused)
/// body of kind Agents: u32 n, u32 0, n x { u32 agent number, u32 0, u64 last batch sequence }
/// body of kind Commit: empty; the batch sequence is the nonce of the segment, which no peer can know
/// </code>
/// A record of kind Schema, Agents or Commit carries the LSN of the record that follows it, and is not counted.
/// Sections of events came with segments of format 2.
/// A Commit record is written after the flush of everything before it, so it proves that all of that was on disk.
/// </summary>
public static class RecordLayout
{
    public const int HeaderBytes = 48;
    public const int SectionHeaderBytes = 16;
    public const int EventHeaderBytes = 24;

    public const int HeaderCrcAt = 0;
    public const int LengthAt = 4;
    public const int LsnAt = 8;
    public const int BodyCrcAt = 16;
    public const int KindAt = 20;
    public const int FlagsAt = 22;
    public const int AgentAt = 24;
    public const int SamplesAt = 28;
    public const int BatchSeqAt = 32;
    public const int ArrivalAt = 40;

    /// <summary>In the header's flags: some section holds events.</summary>
    public const ushort HasEvents = 1;

    /// <summary>The bit pattern of "no sample for this series at this instant" in rows, and of a stale marker when stored: a signalling NaN.</summary>
    public const long NoSampleBits = 0x7FF0000000000002;

    /// <summary>Rounds up to the 8 bytes that every part of a record is aligned to.</summary>
    public static int Align(int bytes) => (bytes + 7) & ~7;
}
