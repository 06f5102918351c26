using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace DataLayer.Daemon.Tcp;

/// <summary>Hands Kestrel one pool of large blocks for all its transports, instead of many pools of 4 KiB blocks.</summary>
internal sealed class BlockMemoryPoolFactory(BlockMemoryPool pool) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => pool;
}
