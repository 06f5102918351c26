using System.IO.Pipelines;
using DataLayer.Daemon.Tcp;
using Xunit;

namespace DataLayer.Daemon.Tests.Tcp;

public sealed class ConnectionOutputTests
{
    [Fact]
    public async Task Send_fromManyThreads_keepsMessagesWholeAndLosesNone()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var output = new ConnectionOutput(pipe.Writer, 1 << 20, () => Assert.Fail("nobody was slow"));
        const int Messages = 4000;
        Parallel.For(0, Messages, i => output.Send([(byte)i, (byte)i, (byte)i]));
        await output.FlushedAsync();
        await pipe.Writer.CompleteAsync();

        var seen = 0;
        while (true)
        {
            var read = await pipe.Reader.ReadAtLeastAsync(3);
            if (read.Buffer.IsEmpty) break;
            var three = new byte[3];
            System.Buffers.BuffersExtensions.CopyTo(read.Buffer.Slice(0, 3), three);
            Assert.True(three[0] == three[1] && three[1] == three[2]);
            pipe.Reader.AdvanceTo(read.Buffer.GetPosition(3));
            seen++;
        }

        Assert.Equal(Messages, seen);
    }

    [Fact]
    public async Task Send_toAPeerThatDoesNotRead_givesItUpAtTheLimit()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 16, resumeWriterThreshold: 8));
        var givenUp = 0;
        var output = new ConnectionOutput(pipe.Writer, maxUnreadBytes: 100, () => givenUp++);
        for (var i = 0; i < 50; i++) output.Send(new byte[10]);
        Assert.Equal(1, givenUp);
        await pipe.Reader.CompleteAsync();
        await output.FlushedAsync();
    }
}
