using System.Diagnostics.CodeAnalysis;

namespace DataLayer.Protocol;

/// <summary>What the next MessagePack value is, judged by its first byte.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are the names of the MessagePack specification.")]
public enum MsgPackKind : byte
{
    /// <summary>No bytes are left.</summary>
    End,

    /// <summary>0xc1, which MessagePack never uses.</summary>
    Invalid,
    Nil,
    Boolean,
    Integer,
    Float,
    String,
    Binary,
    Array,
    Map,
    Extension,
}
