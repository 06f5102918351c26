namespace DataLayer.Protocol;

/// <summary>When a batch is acked: what an agent asks for in its hello.</summary>
public enum AckMode : byte
{
    /// <summary>When it is on the device.</summary>
    Durable = 0,

    /// <summary>When queries see it.</summary>
    Memory = 1,
}
