using DataLayer.Engines;

namespace DataLayer.Query.Samples;

/// <summary>A part of a query's range and what answers it.</summary>
/// <param name="Resolution">The rollup; null: raw samples.</param>
internal readonly record struct Segment(Resolution? Resolution, long Start, long End);
