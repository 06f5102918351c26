namespace DataLayer.LoadTest;

/// <summary>The first word of the command line; without one it is a load.</summary>
internal enum LoadMode
{
    /// <summary>One load on a daemon that runs already.</summary>
    Load,

    /// <summary>kill -9 under load.</summary>
    Kill,

    /// <summary>Our daemon and its peers.</summary>
    Compare,

    /// <summary>The same questions to our daemon and a peer.</summary>
    Queries,

    /// <summary>What the machine alone takes.</summary>
    Floor,

    /// <summary>More than the daemon takes, over TCP and UDP.</summary>
    Overload,

    /// <summary>An honest agent beside hostile peers.</summary>
    Hostile,

    /// <summary>A steady load for a long time.</summary>
    Soak,

    /// <summary>New series as fast as they are taken.</summary>
    Register,

    /// <summary>A daemon that feeds real servers.</summary>
    Engines,
}
