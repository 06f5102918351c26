using CsCheck;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Series;
using DataLayer.Protocol;
using Xunit;

namespace DataLayer.Ingest.Tests.Series;

public sealed class SeriesRegistryTests
{
    private readonly SeriesRegistry _registry = new(new DefinitionQueue(), 1000);

    [Fact]
    public void GetOrAdd_same_key_same_number()
    {
        var added = 0;
        Assert.Equal(SeriesStatus.Added, _registry.GetOrAdd(Key("cpu", ("host", "a")), ref added, 10, out var first));
        Assert.Equal(SeriesStatus.Added, _registry.GetOrAdd(Key("cpu", ("host", "b")), ref added, 10, out var second));
        Assert.Equal(SeriesStatus.Found, _registry.GetOrAdd(Key("cpu", ("host", "a")), ref added, 10, out var again));
        Assert.Equal((0, 1, 0, 2), (first, second, again, added));
        Assert.True(_registry.KeyOf(1).SequenceEqual(Key("cpu", ("host", "b"))));
    }

    [Fact]
    public void GetOrAdd_over_limits_refuses_new_and_knows_old()
    {
        var registry = new SeriesRegistry(new DefinitionQueue(), 2);
        var (one, other) = (0, 0);
        registry.GetOrAdd(Key("a"), ref one, 1, out _);
        Assert.Equal(SeriesStatus.OverAgentLimit, registry.GetOrAdd(Key("b"), ref one, 1, out _));
        Assert.Equal(SeriesStatus.Added, registry.GetOrAdd(Key("b"), ref other, 1, out _));
        Assert.Equal(SeriesStatus.OverServerLimit, registry.GetOrAdd(Key("c"), ref one, 9, out _));
        Assert.Equal(SeriesStatus.Found, registry.GetOrAdd(Key("a"), ref one, 1, out _));
    }

    [Fact]
    public void BytesTable_equal_hashes_are_told_apart_by_the_bytes()
    {
        var table = new BytesTable(16);
        for (var i = 0; i < 100; i++) table.Add(BitConverter.GetBytes(i), hash: 42, i);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(table.TryFind(BitConverter.GetBytes(i), 42, out var number));
            Assert.Equal(i, number);
        }

        Assert.False(table.TryFind(BitConverter.GetBytes(100), 42, out _));
    }

    [Fact]
    public void Raw_is_bounded_and_starts_anew()
    {
        for (var i = 0; i < 2500; i++) _registry.AddRaw(BitConverter.GetBytes(i), i);
        Assert.True(_registry.TryGetRaw(BitConverter.GetBytes(2499), out var series));
        Assert.Equal(2499, series);
        Assert.False(_registry.TryGetRaw(BitConverter.GetBytes(0), out _));
    }

    [Fact]
    public void GetOrAdd_lookups_allocate_nothing()
    {
        var added = 0;
        var key = Key("cpu", ("host", "a"));
        _registry.GetOrAdd(key, ref added, 10, out _);
        _registry.AddRaw(key, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _registry.GetOrAdd(key, ref added, 10, out _);
            _registry.TryGetRaw(key, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Lookup_while_others_add_finds_what_was_added()
    {
        var registry = new SeriesRegistry(new DefinitionQueue(), 200_000);
        var published = -1;
        var reader = Task.Run(() =>
        {
            var misses = 0;
            while (true)
            {
                var last = Volatile.Read(ref published);
                for (var i = Math.Max(0, last - 50); i <= last; i++)
                {
                    if (!registry.TryGet(BitConverter.GetBytes(i), out var found) || found != i) misses++;
                }

                if (last == 99_999) return misses;
            }
        });
        var added = 0;
        for (var i = 0; i < 100_000; i++)
        {
            registry.GetOrAdd(BitConverter.GetBytes(i), ref added, int.MaxValue, out _);
            Volatile.Write(ref published, i);
        }

        Assert.Equal(0, await reader);
    }

    [Fact]
    public void Select_equals_a_scan() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 3]).Array[0, 40].Sample(
            series =>
            {
                var registry = new SeriesRegistry(new DefinitionQueue(), 1000);
                var added = 0;
                foreach (var (name, host, disk) in series) registry.GetOrAdd(Key($"n{name}", ("host", $"h{host}"), ("disk", disk == 0 ? "" : $"d{disk}")), ref added, 1000, out _);
                var distinct = series.Distinct().ToArray();
                var all = Enumerable.Range(0, distinct.Length).OrderBy(i => Array.FindIndex(distinct, other => other.Item1 == distinct[i].Item1)).ToArray();
                Assert.Equal(all, registry.Select(null, []));
                Assert.Equal(all, registry.InOrder().ToArray());
                Assert.Equal(all.Where(i => distinct[i].Item1 == 1), registry.Select("n1", []));
                Assert.Equal(all.Where(i => distinct[i].Item1 == 1 && distinct[i].Item2 == 2), registry.Select("n1", [new("host", "h2")]));
                Assert.Equal(all.Where(i => distinct[i].Item2 == 2 && distinct[i].Item3 == 1), registry.Select(null, [new("host", "h2"), new("disk", "d1")]));
                Assert.Equal(all.Where(i => distinct[i].Item3 == 0), registry.Select(null, [new("disk", "")]));
                Assert.Empty(registry.Select("other", []));
            },
            iter: 200,
            threads: 1);

    private static byte[] Key(string name, params (string Name, string Value)[] labels) =>
        SeriesKey.Of(name, labels.Select(label => new KeyValuePair<string, string>(label.Name, label.Value)));
}
