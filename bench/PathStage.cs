using System.Buffers.Binary;
using DataLayer.Ingest;
using DataLayer.Ingest.Agents;
using DataLayer.Ingest.Log;
using DataLayer.Ingest.Series;
using DataLayer.Ingest.Sessions;
using DataLayer.Ingest.Shards;
using DataLayer.Protocol;

namespace DataLayer.Bench;

/// <summary>The whole path: bytes of rows → session → ring → shards and a null log, until all is visible. All threads of a real pipeline, and what all of them allocate.</summary>
internal sealed class PathStage : IHotStage, ISessionOutput
{
    private const int ReadBytes = 128 * 1024;
    private const int Columns = 1000;
    private const int Rows = 256;

    /// <summary>Array header, op and schema take a byte each, and so does the code of a 64-bit time.</summary>
    private const int TimeAt = 4;

    /// <summary>Where the lake would take over: 2 M samples, so that the memory in use stays small.</summary>
    private const long SealSamples = 2_000_000;

    private readonly IngestPipeline _pipeline;
    private readonly Session _session;
    private readonly byte[] _stream;
    private long _time = 1_704_067_200_000_000;

    public PathStage()
    {
        var options = new IngestOptions { Shards = 2 };
        _pipeline = new IngestPipeline(options, new SeriesRegistry(new DefinitionQueue(), options.SeriesMax), new NullLog(), new ShardSet(2, options.HotBytesMax, []), 0, TimeProvider.System);
        _session = new Session(new SessionHost(_pipeline, new AgentTable(new DefinitionQueue())), SessionKind.Tcp, this, "bench");
        Feed(Encode(writer =>
        {
            MessageEncoder.WriteSchemaHeader(writer, 1, [], Columns);
            for (var i = 0; i < Columns; i++) MessageEncoder.WriteSeries(writer, $"row_{i}", []);
        }));
        var values = Enumerable.Range(0, Columns).Select(i => i * 0.25).ToArray();
        _stream = Encode(writer =>
        {
            for (var i = 0; i < Rows; i++) MessageEncoder.WriteRow(writer, 1, _time, values);
        });
    }

    public string Name => "whole path, rows";

    public bool CountsAllThreads => true;

    public long Run()
    {
        var before = _pipeline.PublishedSamples;
        var rowBytes = _stream.Length / Rows;
        for (var row = 0; row < Rows; row++) BinaryPrimitives.WriteInt64BigEndian(_stream.AsSpan((row * rowBytes) + TimeAt), ++_time);
        Feed(_stream);
        var spinner = default(SpinWait);
        while (_pipeline.InFlightBytes > 0) spinner.SpinOnce(sleep1Threshold: -1);
        if (_pipeline.ActiveSamples > SealSamples) Flush();
        var samples = _pipeline.PublishedSamples - before;
        return samples == Rows * Columns ? samples : throw new InvalidOperationException($"{samples} samples came out, {Rows * Columns} went in.");
    }

    public void Send(ReadOnlySpan<byte> messages) => throw new InvalidOperationException("Rows without a batch have no answer.");

    public void Dispose()
    {
        _session.Dispose();
        _pipeline.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    private void Flush()
    {
        var generation = _pipeline.SealAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (generation is not null) _pipeline.Drop(generation);
    }

    private void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var status = _session.Consume(bytes[..Math.Min(ReadBytes, bytes.Length)], out var consumed);
            if (status == SessionStatus.Continue) status = _session.FinishInput();
            if (status == SessionStatus.Closed) throw new InvalidOperationException("The session refused the rows.");
            if (status == SessionStatus.Backpressure) Thread.Yield();
            bytes = bytes[consumed..];
        }

        while (_session.FinishInput() == SessionStatus.Backpressure) Thread.Yield();
    }

    private static byte[] Encode(Action<MsgPackWriter> write)
    {
        using var writer = new MsgPackWriter();
        write(writer);
        return writer.Written.ToArray();
    }
}
