namespace DataLayer.Ingest.Sessions;

/// <summary>What the owner of a session does after it has handed over bytes.</summary>
public enum SessionStatus
{
    /// <summary>All bytes were taken; go on.</summary>
    Continue,

    /// <summary>The ring is full: await the pipeline's capacity, then call again with the bytes not consumed, even where there are none left.</summary>
    Backpressure,

    /// <summary>An error that ends the connection was handed to the output: flush it and close. Bytes that follow are ignored.</summary>
    Closed,
}
