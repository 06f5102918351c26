using DataLayer.Engines.Lake;

namespace DataLayer.Engines.Tests.Lake;

public sealed class RetentionClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private readonly JumpingTime _time = new(Start);

    [Fact]
    public void Now_follows_a_clock_that_runs()
    {
        var clock = new RetentionClock(_time);
        Assert.Equal(Start, clock.Now(long.MaxValue));
        _time.Pass(TimeSpan.FromDays(3));
        Assert.Equal(Start.AddDays(3), clock.Now(long.MaxValue));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    [InlineData(24 * 400)]
    public void Now_after_a_jump_forward_waits_for_an_hour_and_forgets_it_when_it_is_over(int hours)
    {
        var clock = new RetentionClock(_time);
        clock.Now(long.MaxValue);
        _time.Jump(TimeSpan.FromHours(hours));
        for (var minute = 0; minute < 59; minute++)
        {
            Assert.Equal(Start.AddMinutes(minute), clock.Now(long.MaxValue));
            _time.Pass(TimeSpan.FromMinutes(1));
        }

        _time.Jump(-TimeSpan.FromHours(hours));
        Assert.Equal(Start.AddMinutes(59), clock.Now(long.MaxValue));
        _time.Jump(TimeSpan.FromHours(hours));
        Assert.Equal(Start.AddMinutes(59), clock.Now(long.MaxValue));
        _time.Pass(RetentionClock.Patience);
        Assert.Equal(Start.AddMinutes(119).AddHours(hours), clock.Now(long.MaxValue));
    }

    [Fact]
    public void Now_after_two_jumps_counts_from_the_second()
    {
        var clock = new RetentionClock(_time);
        clock.Now(long.MaxValue);
        _time.Jump(TimeSpan.FromDays(1));
        clock.Now(long.MaxValue);
        _time.Pass(TimeSpan.FromMinutes(40));
        _time.Jump(TimeSpan.FromDays(1));
        clock.Now(long.MaxValue);
        _time.Pass(TimeSpan.FromMinutes(40));
        Assert.Equal(Start.AddMinutes(80), clock.Now(long.MaxValue));
        _time.Pass(TimeSpan.FromMinutes(20));
        Assert.Equal(Start.AddMinutes(100).AddDays(2), clock.Now(long.MaxValue));
    }

    [Fact]
    public void Now_after_a_jump_back_is_the_clock_at_once()
    {
        var clock = new RetentionClock(_time);
        clock.Now(long.MaxValue);
        _time.Jump(DateTimeOffset.UnixEpoch - Start);
        Assert.Equal(DateTimeOffset.UnixEpoch, clock.Now(long.MaxValue));
        _time.Jump(Start - DateTimeOffset.UnixEpoch);
        Assert.Equal(DateTimeOffset.UnixEpoch, clock.Now(long.MaxValue));
        _time.Pass(RetentionClock.Patience);
        Assert.Equal(Start + RetentionClock.Patience, clock.Now(long.MaxValue));
    }

    [Fact]
    public void Now_at_the_first_look_is_measured_by_the_newest_sample()
    {
        var newest = Start.AddDays(-30);
        var clock = new RetentionClock(_time);
        Assert.Equal(newest, clock.Now((newest - DateTimeOffset.UnixEpoch).Ticks / 10));
        _time.Pass(RetentionClock.Patience);
        Assert.Equal(Start + RetentionClock.Patience, clock.Now(long.MinValue));
    }

    /// <summary>A wall clock that jumps, and a monotonic one that does not.</summary>
    private sealed class JumpingTime(DateTimeOffset start) : TimeProvider
    {
        private DateTimeOffset _wall = start;
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _ticks;

        public void Jump(TimeSpan by) => _wall += by;

        public void Pass(TimeSpan time) => (_wall, _ticks) = (_wall + time, _ticks + time.Ticks);
    }
}
