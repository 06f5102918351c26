namespace DataLayer.Ingest.Tests.Ring;

/// <summary>One for each claim of the ring about races: what goes wrong where it does not hold.</summary>
public enum RingFlaw
{
    None,

    /// <summary>Two producers take one sequence.</summary>
    ClaimsWithoutSwap,

    /// <summary>A record is shown before it is whole.</summary>
    ShowsBeforeSealed,

    /// <summary>What is claimed is taken for published.</summary>
    IgnoresAvailability,

    /// <summary>A slot of the lap before is taken for one of this lap.</summary>
    ForgetsTheLap,

    /// <summary>Producers overwrite what the slowest consumer has yet to read.</summary>
    GatesOnTheFastest,

    /// <summary>A consumer leaves a record behind before it has read it.</summary>
    AdvancesBeforeReading,
}
