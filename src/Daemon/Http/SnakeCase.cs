using System.Collections.Concurrent;
using System.Text.Json;

namespace DataLayer.Daemon.Http;

/// <summary>Names of enum members as JSON and metrics write them: SeriesLimit → series_limit.</summary>
internal static class SnakeCase
{
    public static string Of<T>(T member)
        where T : struct, Enum => Names<T>.Known.GetOrAdd(member, static member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.ToString()));

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly ConcurrentDictionary<T, string> Known = new();
    }
}
