using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

/// <summary>Lets the n-th file operation fail: once, or with all that follow, as when the process dies there.</summary>
internal sealed class FaultyStorage(bool isCrash)
{
    private int _left = int.MaxValue;

    /// <summary>Whether the fault was reached.</summary>
    public bool HasFired { get; private set; }

    public LakeStorage Storage => new(Step);

    public void FailAt(int operation) => _left = operation;

    private void Step(StorageStep step, string path)
    {
        if (_left == int.MaxValue) return;
        if (_left-- > 0) return;
        HasFired = true;
        if (!isCrash) _left = int.MaxValue;
        else _left = 0;
        throw new IOException($"injected at {step} of {path}");
    }
}
