using System.Globalization;

namespace DataLayer.Engines.ClickHouse;

/// <summary>
/// The durable position of one source: the greatest of the newest epoch. Each <see cref="MoveAsync"/> begins an epoch, so that it may go back; within one the position only grows, whoever writes, so that an
/// older instance, or a write that the server finishes long after its connection broke, moves nothing back. Rows are only appended; the table's merges leave one per epoch.
/// </summary>
internal sealed class ClickHousePositions(ClickHouseLink link, string database, string source)
{
    public long Position { get; private set; }

    public ulong Epoch { get; private set; }

    public async Task ReadAsync(CancellationToken cancellation)
    {
        var rows = await link.RowsAsync(
            $"SELECT epoch, position FROM {database}.positions WHERE source = {{source:String}} ORDER BY epoch DESC, position DESC LIMIT 1", "read the position", Source(), cancellation).ConfigureAwait(false);
        (Epoch, Position) = rows.Count == 0 ? (0, 0) : (ulong.Parse(rows[0][0], CultureInfo.InvariantCulture), long.Parse(rows[0][1], CultureInfo.InvariantCulture));
    }

    public async Task AdvanceAsync(long position, CancellationToken cancellation)
    {
        await StoreAsync(Epoch, position, cancellation).ConfigureAwait(false);
        Position = position;
    }

    public async Task MoveAsync(long position, CancellationToken cancellation)
    {
        await ReadAsync(cancellation).ConfigureAwait(false);
        await StoreAsync(Epoch + 1, position, cancellation).ConfigureAwait(false);
        (Epoch, Position) = (Epoch + 1, position);
    }

    private Task StoreAsync(ulong epoch, long position, CancellationToken cancellation)
    {
        var settings = Source();
        settings["insert_deduplication_token"] = Guid.NewGuid().ToString("N");
        (settings["param_epoch"], settings["param_position"]) = (epoch, position);
        return link.ExecuteAsync($"INSERT INTO {database}.positions (source, epoch, position) SELECT {{source:String}}, {{epoch:UInt64}}, {{position:UInt64}}", "store the position", settings, cancellation);
    }

    private Dictionary<string, object> Source() => new() { ["param_source"] = source };
}
