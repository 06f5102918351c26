using System.Text;
using DataLayer.Ingest.Log;

namespace DataLayer.Ingest.Agents;

/// <summary>All agents by name and number. Names are made durable like series: through the definition queue.</summary>
public sealed class AgentTable(DefinitionQueue definitions)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Agent> _byName = new(StringComparer.Ordinal);
    private readonly List<Agent> _byNumber = [];

    public int Count
    {
        get
        {
            lock (_lock) return _byNumber.Count;
        }
    }

    /// <summary>The agent of this name, made when it is new.</summary>
    public Agent GetOrAdd(string name)
    {
        lock (_lock)
        {
            if (_byName.TryGetValue(name, out var known)) return known;
            var agent = Add(_byNumber.Count + 1, name);
            definitions.Add(DefinitionQueue.AgentKind, agent.Number, Encoding.UTF8.GetBytes(name));
            return agent;
        }
    }

    /// <summary>Recovery: an agent read from disk; numbers come in order.</summary>
    internal void Restore(int number, string name)
    {
        lock (_lock) Add(number, name);
    }

    /// <summary>Recovery: a batch of this agent is in the log at this LSN.</summary>
    internal void RestoreSequence(int number, long seq, long lsn)
    {
        var agent = ByNumber(number);
        if (seq <= agent.AdmittedSeq) return;
        agent.AdmittedSeq = agent.LoggedSeq = seq;
        agent.AdmittedLsn = lsn;
        agent.OnAcked(seq); // What is read from the disk is durable.
    }

    /// <summary>The commit thread has appended a batch of this agent.</summary>
    internal void OnAppended(int number, long seq) => ByNumber(number).LoggedSeq = seq;

    /// <summary>Number and last appended batch of every agent that has sent one. Thread: commit.</summary>
    internal List<(int Number, long Seq)> LoggedSequences()
    {
        lock (_lock) return [.. _byNumber.Where(agent => agent.LoggedSeq > 0).Select(agent => (agent.Number, agent.LoggedSeq))];
    }

    private Agent Add(int number, string name)
    {
        if (number != _byNumber.Count + 1) throw new LogException($"Agent number {number} follows {_byNumber.Count} in the definitions file: it is damaged.");
        var agent = new Agent(number, name);
        _byNumber.Add(agent);
        _byName.Add(name, agent);
        return agent;
    }

    private Agent ByNumber(int number)
    {
        lock (_lock) return _byNumber[number - 1];
    }
}
