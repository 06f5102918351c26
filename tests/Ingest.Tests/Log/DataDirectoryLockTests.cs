using DataLayer.Ingest.Log;
using Xunit;

namespace DataLayer.Ingest.Tests.Log;

public sealed class DataDirectoryLockTests
{
    [Fact]
    public void Acquire_held_folder_is_refused_naming_folder_and_holder()
    {
        var folder = Directory.CreateTempSubdirectory("datalayer-lock-");
        try
        {
            using (DataDirectoryLock.Acquire(folder.FullName))
            {
                var refused = Assert.Throws<LogException>(() => DataDirectoryLock.Acquire(folder.FullName).Dispose());
                Assert.Contains(folder.FullName, refused.Message, StringComparison.Ordinal);
                Assert.Contains($"pid {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
            }

            DataDirectoryLock.Acquire(folder.FullName).Dispose();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
