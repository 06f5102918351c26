using System.Runtime.InteropServices;

namespace DataLayer.Ingest.Ring;

/// <summary>A counter alone on its cache lines (128 bytes: the prefetcher fetches lines in pairs), so that its writer disturbs nobody.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct PaddedLong
{
    [FieldOffset(128)]
    public long Value;
}
