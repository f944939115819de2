using System.Collections.Concurrent;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Rasters;

public sealed class WorkersTests
{
    [Theory]
    [InlineData(1, 1, 7)]
    [InlineData(2, 2, 7)]
    [InlineData(5, 2, 9)]
    [InlineData(8, 3, 2)]
    [InlineData(4, 2, 0)]
    public void Every_value_is_made_once_and_handed_over_in_order(int threads, int abreast, int count)
    {
        var taken = new List<int>();
        var random = new Random(threads + abreast + count);
        int[] pauses = [.. Enumerable.Range(0, count).Select(_ => random.Next(20))];
        int making = 0, most = 0;

        new Workers(threads).InOrder(
            count, abreast,
            (i, share) =>
            {
                int now = Interlocked.Increment(ref making);
                lock (pauses)
                    most = Math.Max(most, now);
                share.Threads.ShouldBeGreaterThanOrEqualTo(1);
                Thread.Sleep(pauses[i]);
                return 10 * i;
            },
            (i, value, _) =>
            {
                value.ShouldBe(10 * i);
                taken.Add(i);
                Interlocked.Decrement(ref making);
            });

        taken.ShouldBe(Enumerable.Range(0, count));
        most.ShouldBeLessThanOrEqualTo(abreast);
    }

    [Fact]
    public void The_threads_are_shared_and_the_last_piece_alone_has_all()
    {
        var shares = new ConcurrentDictionary<int, int>();

        new Workers(6).Abreast(5, 2, (i, share) => shares[i] = share.Threads);

        shares.OrderBy(s => s.Key).Select(s => s.Value).ShouldBe([3, 3, 3, 3, 6]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    public void The_first_failure_ends_all_with_its_own_words(int at)
    {
        int handed = 0;
        var made = new ConcurrentBag<int>();

        var failure = Should.Throw<InputException>(() => new Workers(2).InOrder(
            9, 2,
            (i, _) =>
            {
                made.Add(i);
                return i == at ? throw new InputException("This tile is damaged.") : i;
            },
            (_, _, _) => handed++));

        failure.Message.ShouldBe("This tile is damaged.");
        handed.ShouldBeLessThanOrEqualTo(at);
        made.Count.ShouldBeLessThanOrEqualTo(at + 2);
    }

    [Fact]
    public void A_failure_while_a_value_is_handed_over_ends_all_too()
    {
        var taken = new List<int>();

        Should.Throw<InputException>(() => new Workers(4).InOrder(
            20, 2, (i, _) => i, (i, _, _) =>
            {
                if (i == 4)
                    throw new InputException("The disk is full.");
                taken.Add(i);
            }));

        taken.ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void A_cancellation_ends_those_that_wait_for_their_turn()
    {
        using var cancel = new CancellationTokenSource();

        Should.Throw<OperationCanceledException>(() => new Workers(2, cancel.Token).InOrder(
            50, 2,
            (i, share) =>
            {
                if (i == 6)
                {
                    cancel.Cancel();
                    Thread.Sleep(50);
                    share.Cancellation.ThrowIfCancellationRequested();
                }

                return i;
            },
            (_, _, _) => { }));
    }
}
