namespace DataLayer.Protocol;

/// <summary>The first bytes of MessagePack values (github.com/msgpack/msgpack, spec.md), and what each of them means.</summary>
internal static class MsgPackCode
{
    public const byte MaxPositiveFixInt = 0x7f;
    public const byte FixMap = 0x80;
    public const byte FixArray = 0x90;
    public const byte FixString = 0xa0;
    public const byte Nil = 0xc0;
    public const byte Unused = 0xc1;
    public const byte False = 0xc2;
    public const byte True = 0xc3;
    public const byte Bin8 = 0xc4;
    public const byte Bin16 = 0xc5;
    public const byte Bin32 = 0xc6;
    public const byte Ext8 = 0xc7;
    public const byte Ext16 = 0xc8;
    public const byte Ext32 = 0xc9;
    public const byte Float32 = 0xca;
    public const byte Float64 = 0xcb;
    public const byte UInt8 = 0xcc;
    public const byte UInt16 = 0xcd;
    public const byte UInt32 = 0xce;
    public const byte UInt64 = 0xcf;
    public const byte Int8 = 0xd0;
    public const byte Int16 = 0xd1;
    public const byte Int32 = 0xd2;
    public const byte Int64 = 0xd3;
    public const byte FixExt1 = 0xd4;
    public const byte FixExt2 = 0xd5;
    public const byte FixExt4 = 0xd6;
    public const byte FixExt8 = 0xd7;
    public const byte FixExt16 = 0xd8;
    public const byte String8 = 0xd9;
    public const byte String16 = 0xda;
    public const byte String32 = 0xdb;
    public const byte Array16 = 0xdc;
    public const byte Array32 = 0xdd;
    public const byte Map16 = 0xde;
    public const byte Map32 = 0xdf;
    public const byte MinNegativeFixInt = 0xe0;

    /// <summary>The extension type of a timestamp, -1.</summary>
    public const sbyte Timestamp = -1;

    /// <summary>Bytes of the length that follows codes 0xc0 … 0xdf; 0 where there is none.</summary>
    public static ReadOnlySpan<byte> LengthBytes =>
    [
        0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4,
    ];

    /// <summary>
    /// Bytes that follow codes 0xc0 … 0xdf besides the length and what the length counts: numbers, the type of an extension, the data of a fixext.
    /// </summary>
    public static ReadOnlySpan<byte> FixedBytes =>
    [
        0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8,
        1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>
    /// Bytes of a whole value by its first byte, where that is enough to know: numbers, short strings, fixext and so on.
    /// 0 for containers, for lengths of their own, and for 0xc1. A test derives it from the two tables above.
    /// </summary>
    public static ReadOnlySpan<byte> ValueBytes =>
    [
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32,
        1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 5, 9, 2, 3, 5, 9,
        2, 3, 5, 9, 3, 4, 6, 10, 18, 0, 0, 0, 0, 0, 0, 0,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ];

    private static ReadOnlySpan<byte> Kinds =>
    [
        (byte)MsgPackKind.Nil, (byte)MsgPackKind.Invalid, (byte)MsgPackKind.Boolean, (byte)MsgPackKind.Boolean,
        (byte)MsgPackKind.Binary, (byte)MsgPackKind.Binary, (byte)MsgPackKind.Binary, (byte)MsgPackKind.Extension,
        (byte)MsgPackKind.Extension, (byte)MsgPackKind.Extension, (byte)MsgPackKind.Float, (byte)MsgPackKind.Float,
        (byte)MsgPackKind.Integer, (byte)MsgPackKind.Integer, (byte)MsgPackKind.Integer, (byte)MsgPackKind.Integer,
        (byte)MsgPackKind.Integer, (byte)MsgPackKind.Integer, (byte)MsgPackKind.Integer, (byte)MsgPackKind.Integer,
        (byte)MsgPackKind.Extension, (byte)MsgPackKind.Extension, (byte)MsgPackKind.Extension, (byte)MsgPackKind.Extension,
        (byte)MsgPackKind.Extension, (byte)MsgPackKind.String, (byte)MsgPackKind.String, (byte)MsgPackKind.String,
        (byte)MsgPackKind.Array, (byte)MsgPackKind.Array, (byte)MsgPackKind.Map, (byte)MsgPackKind.Map,
    ];

    public static MsgPackKind KindOf(byte code) => code switch
    {
        <= MaxPositiveFixInt or >= MinNegativeFixInt => MsgPackKind.Integer,
        < FixArray => MsgPackKind.Map,
        < FixString => MsgPackKind.Array,
        < Nil => MsgPackKind.String,
        _ => (MsgPackKind)Kinds[code - Nil],
    };
}
