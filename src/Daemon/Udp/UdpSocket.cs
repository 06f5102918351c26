using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DataLayer.Daemon.Udp;

/// <summary>
/// A bound UDP socket that takes many datagrams per system call into buffers it owns, and reads the kernel's count of datagrams dropped because
/// the socket's buffer was full. Thread: one receives; <see cref="KernelDrops"/> any.
/// </summary>
internal sealed unsafe class UdpSocket : IDisposable
{
    /// <summary>The most that a datagram can carry is 65,507 bytes over IPv4 and 65,527 over IPv6: nothing is ever cut.</summary>
    private const int DatagramBytes = 64 * 1024;

    /// <summary>One cmsghdr (16 bytes) with a u32, aligned to 8; doubled for what else a kernel may add.</summary>
    private const int ControlBytes = 48;

    private readonly Socket _socket;
    private readonly int _handle;
    private readonly int _capacity;
    private readonly byte* _buffers;
    private readonly byte* _control;
    private readonly LibC.IoVector* _vectors;
    private readonly LibC.MultiMessage* _messages;
    private long _kernelDrops;
    private uint _lastOverflow;

    public UdpSocket(IPEndPoint address, int receiveBufferBytes, int datagramsPerReceive)
    {
        _capacity = datagramsPerReceive;
        _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.Address.Equals(IPAddress.IPv6Any)) _socket.DualMode = true;
        AskForBuffer(receiveBufferBytes);
        _socket.SetRawSocketOption(LibC.SolSocket, LibC.SoRxqOvfl, BitConverter.GetBytes(1));
        _socket.Bind(address);
        _handle = (int)_socket.Handle;

        // Pages of a buffer that is never written take no memory: 64 KiB each is an address range, not a cost.
        _buffers = (byte*)NativeMemory.AlignedAlloc((nuint)_capacity * DatagramBytes, 4096);
        _control = (byte*)NativeMemory.AllocZeroed((nuint)_capacity, ControlBytes);
        _vectors = (LibC.IoVector*)NativeMemory.AllocZeroed((nuint)_capacity, (nuint)sizeof(LibC.IoVector));
        _messages = (LibC.MultiMessage*)NativeMemory.AllocZeroed((nuint)_capacity, (nuint)sizeof(LibC.MultiMessage));
        for (var i = 0; i < _capacity; i++)
        {
            _vectors[i] = new LibC.IoVector { Base = _buffers + ((nint)i * DatagramBytes), Length = DatagramBytes };
            _messages[i].Vectors = &_vectors[i];
            _messages[i].VectorCount = 1;
            _messages[i].Control = _control + ((nint)i * ControlBytes);
        }
    }

    public IPEndPoint LocalAddress => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The receive buffer the kernel gave, as it counts (twice what was asked: it adds its own overhead).</summary>
    public int ReceiveBufferBytes { get; private set; }

    /// <summary>Datagrams that the kernel has dropped because the buffer was full.</summary>
    public long KernelDrops => Interlocked.Read(ref _kernelDrops);

    /// <summary>Waits until a datagram is there; false after <paramref name="timeoutMillis"/> without one.</summary>
    public bool Wait(int timeoutMillis)
    {
        var entry = new LibC.PollEntry { Socket = _handle, Wanted = LibC.PollIn };
        return LibC.Poll(&entry, 1, timeoutMillis) > 0;
    }

    /// <summary>Takes the datagrams that are there, up to the capacity; 0 when there are none. Throws <see cref="SocketException"/>.</summary>
    public int Receive()
    {
        for (var i = 0; i < _capacity; i++) _messages[i].ControlLength = ControlBytes;
        var got = LibC.ReceiveMany(_handle, _messages, (uint)_capacity, LibC.MsgDontWait, null);
        if (got < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is LibC.Eagain or LibC.Eintr ? 0 : throw new SocketException(error);
        }

        // The count grows from datagram to datagram: the last one has the newest.
        if (got > 0) ReadOverflow(ref _messages[got - 1]);
        return got;
    }

    /// <summary>A datagram of the last <see cref="Receive"/>. Valid until the next.</summary>
    public ReadOnlySpan<byte> Datagram(int index) => new(_vectors[index].Base, (int)_messages[index].ReceivedBytes);

    public void Dispose()
    {
        _socket.Dispose();
        NativeMemory.AlignedFree(_buffers);
        NativeMemory.Free(_control);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }

    private void AskForBuffer(int bytes)
    {
        // Force goes past net.core.rmem_max where the daemon may; without the right the plain option gives what the limit allows.
        var size = BitConverter.GetBytes(bytes);
        try
        {
            _socket.SetRawSocketOption(LibC.SolSocket, LibC.SoRcvBufForce, size);
        }
        catch (SocketException)
        {
            _socket.SetRawSocketOption(LibC.SolSocket, LibC.SoRcvBuf, size);
        }

        Span<byte> got = stackalloc byte[4];
        _socket.GetRawSocketOption(LibC.SolSocket, LibC.SoRcvBuf, got);
        ReceiveBufferBytes = BitConverter.ToInt32(got);
    }

    private void ReadOverflow(ref LibC.MultiMessage message)
    {
        if (message.ControlLength < (nuint)(sizeof(LibC.ControlHeader) + sizeof(uint))) return;
        var header = Unsafe.ReadUnaligned<LibC.ControlHeader>(message.Control);
        if (header.Level != LibC.SolSocket || header.Type != LibC.SoRxqOvfl) return;
        var overflow = Unsafe.ReadUnaligned<uint>(message.Control + sizeof(LibC.ControlHeader));

        // The kernel counts in 32 bits and wraps; the difference is right all the same.
        Interlocked.Add(ref _kernelDrops, unchecked(overflow - _lastOverflow));
        _lastOverflow = overflow;
    }
}
