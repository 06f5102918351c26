using DataLayer.Client.Ingest;
using Xunit;

namespace DataLayer.Client.Tests;

public sealed class FaultTextTests
{
    [Theory]
    [InlineData("the name is empty (message of the batch 3)", 1, 3)]
    [InlineData("the name is empty (12 times, first in message of the batch 30)", 12, 30)]
    [InlineData("the batch is longer than max_batch", 0, 0)]
    [InlineData("(message of the batch 3) and more", 0, 0)]
    [InlineData("", 0, 0)]
    public void Read_text_gives_count_and_first(string text, long count, long first) => Assert.Equal((count, first), FaultText.Read(text));
}
