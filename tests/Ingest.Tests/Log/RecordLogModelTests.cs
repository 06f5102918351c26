using CsCheck;
using DataLayer.Ingest.Log;
using Xunit;

namespace DataLayer.Ingest.Tests.Log;

/// <summary>
/// Random appends, commits, failures, releases, crashes and restarts against a model: after each restart everything acked and not released is there, in order,
/// byte for byte; nothing is there that was never appended; and agents' sequences are those of what is there.
/// </summary>
public sealed class RecordLogModelTests
{
    private enum Operation
    {
        Append,
        AppendBatch,
        Define,
        Commit,
        CommitFailing,
        Release,
        Restart,
        Crash,
        Kill,
    }

    [Fact]
    public void Any_history_keeps_what_was_acked()
    {
        var operation = Gen.Frequency(
            (8, Gen.Const(Operation.Append)),
            (4, Gen.Const(Operation.AppendBatch)),
            (1, Gen.Const(Operation.Define)),
            (6, Gen.Const(Operation.Commit)),
            (1, Gen.Const(Operation.CommitFailing)),
            (1, Gen.Const(Operation.Release)),
            (1, Gen.Const(Operation.Restart)),
            (1, Gen.Const(Operation.Crash)),
            (1, Gen.Const(Operation.Kill)));
        Gen.Select(operation, Gen.Int[0, 1_000_000]).Array[1, 80].Sample(
            steps =>
            {
                using var history = new History();
                history.Play(steps);
            },
            iter: 500);
    }

    private sealed class History : IDisposable
    {
        private readonly MemoryStorage _storage = new();
        private readonly List<byte[]> _appended = [];
        private readonly List<(long Lsn, long Seq)> _batches = [];
        private LogHarness _log;
        private long _acked;
        private long _position;
        private int _ackedSeries;

        public History() => _log = new LogHarness(_storage, 0, 2048);

        public void Play((Operation Operation, int Seed)[] steps)
        {
            foreach (var (operation, seed) in steps) Step(operation, new Random(seed));
            Step(Operation.Crash, new Random(1));
        }

        public void Dispose() => _log.Dispose();

        private void Step(Operation operation, Random random)
        {
            switch (operation)
            {
                case Operation.Append:
                    _appended.Add(_log.Append(random.Next(1, 40), schema: random.Next(2) == 0 ? _log.NewSchema(1, random.Next(9)) : null).Bytes.ToArray());
                    break;
                case Operation.AppendBatch:
                    var seq = (_batches.Count > 0 ? _batches[^1].Seq : 0) + 1;
                    _appended.Add(_log.Append(random.Next(1, 40), _log.Agents.GetOrAdd("agent"), seq).Bytes.ToArray());
                    _batches.Add((_log.Log.LastLsn, seq));
                    break;
                case Operation.Define:
                    _log.Define($"series {_log.Series.Count}");
                    break;
                case Operation.Commit:
                    Commit();
                    break;
                case Operation.CommitFailing:
                    CommitFailing(random);
                    break;
                case Operation.Release:
                    _position = Math.Max(_position, random.NextInt64(_acked + 1));
                    _log.Log.Release(_position);
                    break;
                case Operation.Restart:
                    Commit();
                    _log.Dispose();
                    Reopen();
                    break;
                case Operation.Crash:
                    _storage.Crash(random);
                    Reopen();
                    break;
                case Operation.Kill:
                    Reopen();
                    break;
            }
        }

        private void Commit()
        {
            _log.Log.Commit();
            (_acked, _ackedSeries) = (_log.Log.LastLsn, _log.Series.Count);
            Assert.Equal(_acked, _log.Log.DurableLsn);
        }

        private void CommitFailing(Random random)
        {
            string[] operations = ["create", "write", "sync", "rename", "sync folder"];
            var failing = operations[random.Next(operations.Length)];
            var spared = random.Next(3);
            _storage.Fault = (operation, name) =>
            {
                if (operation == failing && spared-- <= 0) throw MemoryStorage.Refuse(operation, name, LogIoException.InputOutput);
            };
            try
            {
                Commit();
            }
            catch (LogException)
            {
                // Nothing of this commit counts as acked.
            }
            finally
            {
                _storage.Fault = null;
            }
        }

        private void Reopen()
        {
            _log = new LogHarness(_storage, _position, 2048);
            var last = _log.Log.LastLsn;
            Assert.InRange(last, _acked, _appended.Count);
            Assert.Equal(last - _position, _log.Replayed.Count);
            for (var i = 0; i < _log.Replayed.Count; i++)
            {
                Assert.Equal(_position + i + 1, _log.Replayed[i].Lsn);
                Assert.Equal(_appended[(int)_position + i], _log.Replayed[i].Bytes);
            }

            Assert.True(_log.Series.Count >= _ackedSeries);
            _appended.RemoveRange((int)last, _appended.Count - (int)last);
            _batches.RemoveAll(batch => batch.Lsn > last);
            Assert.Equal(_batches.Count > 0 ? _batches[^1].Seq : 0, _log.Agents.GetOrAdd("agent").AdmittedSeq);
            (_acked, _ackedSeries) = (last, _log.Series.Count);
        }
    }
}
