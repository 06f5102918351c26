namespace DataLayer.Protocol;

/// <summary>The numbers of the operations of protocol.md section 2.3: the first element of the array.</summary>
public static class Op
{
    /// <summary>Client: hello. Server: welcome.</summary>
    public const int Hello = 0;

    /// <summary>Declares a schema.</summary>
    public const int Schema = 1;

    /// <summary>One instant of all series of a schema.</summary>
    public const int Row = 2;

    /// <summary>Several instants of all series of a schema.</summary>
    public const int Block = 3;

    /// <summary>Whole messages, packed, applied whole, acked once.</summary>
    public const int Batch = 4;

    /// <summary>Asks for an ack when all that came before is durable.</summary>
    public const int Flush = 5;

    /// <summary>A document.</summary>
    public const int Event = 6;

    /// <summary>The first message of a datagram.</summary>
    public const int Datagram = 7;

    /// <summary>Server: ack.</summary>
    public const int Ack = 8;

    /// <summary>Server: error.</summary>
    public const int Error = 9;

    /// <summary>Operations have numbers below this one.</summary>
    public const int Count = 10;
}
