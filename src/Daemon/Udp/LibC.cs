using System.Runtime.InteropServices;

namespace DataLayer.Daemon.Udp;

/// <summary>The system calls that .NET's sockets do not offer. Layouts are those of 64-bit Linux (glibc and musl agree on them here).</summary>
internal static unsafe partial class LibC
{
    public const int SolSocket = 1;
    public const int SoRcvBuf = 8;
    public const int SoRcvBufForce = 33;

    /// <summary>Asks for a control message with the number of datagrams that the socket's full buffer has cost so far.</summary>
    public const int SoRxqOvfl = 40;

    public const int MsgDontWait = 0x40;
    public const short PollIn = 1;
    public const int Eintr = 4;
    public const int Eagain = 11;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, MultiMessage* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeoutMillis);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Socket;
        public short Wanted;
        public short Got;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct MultiMessage
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _headerTail;
        public uint ReceivedBytes;
        private readonly uint _tail;
    }

    /// <summary>cmsghdr; its data follow.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
