using DataLayer.LoadTest.Queries;

namespace DataLayer.LoadTest.Compare;

/// <summary>One server with one protocol, in a comparison. Started on an empty folder, loaded, asked what it holds, stopped.</summary>
internal abstract class Contender(string name, bool isDurable) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>Whether an answer to the sender means that a crash of the host loses nothing of it.</summary>
    public bool IsDurable { get; } = isDurable;

    public abstract int Pid { get; }

    /// <summary>Starts the server and returns when it takes data. Throws <see cref="IOException"/> where it does not.</summary>
    public abstract void Start(string folder);

    /// <summary>Sends as fast as it goes for so long; returns the samples that the server answered for. Throws <see cref="IOException"/> at the first refusal.</summary>
    public abstract long Send(LoadOptions options, long startMicros);

    /// <summary>How many samples of the run a query finds.</summary>
    public abstract long Count(LoadOptions options);

    /// <summary>Has the server write what it holds in memory, as far as it can be told to.</summary>
    public abstract void Settle();

    /// <summary>Ends the server so that all it answered for is there at the next start on the same folder.</summary>
    public abstract void Stop();

    /// <summary>The answer to a question, as bytes of JSON.</summary>
    public abstract byte[] Ask(QueryRequest request);

    public abstract void Dispose();
}
