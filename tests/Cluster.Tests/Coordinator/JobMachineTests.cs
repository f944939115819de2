using FsCheck;
using FsCheck.Fluent;
using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Tests.Coordinator;

public sealed class JobMachineTests
{
    private static readonly JobId Id = new("job");
    private static readonly JobPolicy Policy = new();
    private static readonly JobShape Shape = new(4, [new PairShape(0, 2, 5, 0), new PairShape(0, 3, 5, 0), new PairShape(1, 2, 5, 0), new PairShape(1, 3, 5, 0)], 1) { Products = [6] };
    private static readonly JobShape TwoStacks = new(4, [new PairShape(0, 1, 4, 0), new PairShape(2, 3, 4, 1)], 2) { Products = [5, 3], MosaicProducts = 2 };

    // As versions planned that knew no products.
    private static readonly JobShape OldShape = new(4, [new PairShape(0, 1, 4, 0), new PairShape(2, 3, 4, 1)], 2);

    [Fact]
    public void Units_are_numbered_through_and_found_again()
    {
        var shape = new JobShape(3, [new PairShape(0, 1, 2, 0), new PairShape(0, 2, 0, 0), new PairShape(1, 2, 3, 1)], 2);
        shape.Units.ShouldBe(3 + 5 + 3 + 2 + 1);
        shape.TileOf(3).ShouldBe((0, 0));
        shape.TileOf(4).ShouldBe((0, 1));
        shape.TileOf(5).ShouldBe((2, 0));
        shape.TileOf(7).ShouldBe((2, 2));
        for (int pair = 0; pair < 3; pair++)
        {
            for (int tile = 0; tile < shape.Pairs[pair].Tiles; tile++)
                shape.TileOf(shape.TileUnit(pair, tile)).ShouldBe((pair, tile));
        }

        shape.StageOf(shape.Mosaic).ShouldBe(UnitStage.Summarise);
    }

    [Fact]
    public void Products_and_publications_are_numbered_after_the_summaries_and_those_of_the_mosaic_last()
    {
        var shape = new JobShape(3, [new PairShape(0, 1, 2, 0), new PairShape(0, 2, 0, 1), new PairShape(1, 2, 3, 2)], 3) { Products = [4, 1, 2], MosaicProducts = 2 };
        shape.FirstProduct.ShouldBe(3 + 5 + 3 + 3);
        shape.Units.ShouldBe(shape.FirstProduct + 7 + 3 + 2 + 1);
        for (int stack = 0; stack < 3; stack++)
        {
            for (int product = 0; product < shape.Products[stack]; product++)
            {
                shape.ProductOf(shape.ProductUnit(stack, product)).ShouldBe((stack, product));
                shape.StageOf(shape.ProductUnit(stack, product)).ShouldBe(UnitStage.Write);
            }

            shape.StageOf(shape.SummaryUnit(stack)).ShouldBe(UnitStage.Summarise);
            shape.StageOf(shape.PublicationUnit(stack)).ShouldBe(UnitStage.Publish);
        }

        Enumerable.Range(shape.FirstOfMosaic, 2).ShouldAllBe(unit => shape.StageOf(unit) == UnitStage.Write);
        shape.Mosaic.ShouldBe(shape.Units - 1);
        shape.StageOf(shape.Mosaic).ShouldBe(UnitStage.Publish);
        Enumerable.Range(0, shape.Units).Select(shape.Describe).Distinct().Count().ShouldBe(shape.Units);
        Enumerable.Range(0, Shape.Units).Select(Shape.Describe).Distinct().Count().ShouldBe(Shape.Units);
    }

    [Fact]
    public void A_job_that_an_older_version_planned_keeps_its_units()
    {
        var read = System.Text.Json.JsonSerializer.Deserialize<JobShape>(
            """{"acquisitions":4,"pairs":[{"reference":0,"secondary":1,"tiles":4,"stack":0},{"reference":2,"secondary":3,"tiles":4,"stack":1}],"stacks":2}""", System.Text.Json.JsonSerializerOptions.Web)!;
        read.ShouldBe(OldShape);
        read.Units.ShouldBe(4 + 8 + 2 + 2 + 1);
        var run = new Simulation(read, slots: 2, seed: 3, trouble: 0);
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Succeeded);
        run.Commands.OfType<SummariseStack>().Count().ShouldBe(3);
        run.Commands.OfType<SummariseStack>().ShouldAllBe(summary => !summary.ProductsFollow);
        run.Commands.Any(command => command is WriteProduct or PublishResult).ShouldBeFalse();

        System.Text.Json.JsonSerializer.Deserialize<JobShape>(System.Text.Json.JsonSerializer.Serialize(TwoStacks)).ShouldBe(TwoStacks);
        TwoStacks.ShouldNotBe(OldShape);
    }

    [Fact]
    public void A_job_without_trouble_does_every_unit_once_in_the_order_of_its_needs()
    {
        var run = new Simulation(Shape, slots: 2, seed: 1, trouble: 0);
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Succeeded);
        run.Dispatched.Count.ShouldBe(Shape.Units);
        run.Dispatched.Distinct().Count().ShouldBe(Shape.Units);
        run.Dispatched[^1].ShouldBe(Shape.PublicationUnit(0));
        run.NeedsViolated.ShouldBeEmpty();
    }

    [Fact]
    public void A_mosaic_is_made_of_what_every_stack_has_published()
    {
        var run = new Simulation(TwoStacks, slots: 3, seed: 1, trouble: 0);
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Succeeded);
        run.Dispatched.Count.ShouldBe(TwoStacks.Units);
        run.Dispatched[^1].ShouldBe(TwoStacks.Mosaic);
        run.NeedsViolated.ShouldBeEmpty();
    }

    [Fact]
    public void Whatever_is_lost_repeated_or_late_every_unit_ends_and_the_job_succeeds()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var run = new Simulation((seed % 3) switch { 0 => Shape, 1 => TwoStacks, _ => OldShape }, slots: 1 + seed % 5, seed, trouble: 0.3);
            run.ToTheEnd();
            run.NeedsViolated.ShouldBeEmpty();
            run.Job.Phase.ShouldBe(JobPhase.Succeeded);
            run.PhaseChanges.ShouldBe(2);
        }));
    }

    [Fact]
    public void A_poison_tile_becomes_a_gap_and_the_rest_is_untouched()
    {
        int poison = Shape.TileUnit(2, 3);
        var run = new Simulation(Shape, 2, 5, 0) { Poison = { poison } };
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.SucceededWithGaps);
        run.Dispatched.Count(unit => unit == poison).ShouldBe(Policy.MaximumAttempts);
        run.Gaps.ShouldBe([poison]);

        run.Poison.Clear();
        run.Tell(new RetryJob(Id));
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Succeeded);
        run.Gaps.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_made_from_a_gap_is_made_anew_by_a_retry_and_nothing_else()
    {
        int poison = TwoStacks.TileUnit(1, 2);
        var run = new Simulation(TwoStacks, 2, 5, 0) { Poison = { poison } };
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.SucceededWithGaps);
        run.Poison.Clear();
        run.Dispatched.Clear();
        run.Tell(new RetryJob(Id));
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Succeeded);
        int[] again =
        [
            poison, TwoStacks.AggregateUnit(1), TwoStacks.SummaryUnit(1), .. Enumerable.Range(TwoStacks.ProductUnit(1, 0), 3), TwoStacks.PublicationUnit(1),
            .. Enumerable.Range(TwoStacks.FirstOfMosaic, 2), TwoStacks.Mosaic,
        ];
        run.Dispatched.Order().ShouldBe(again.Order());
    }

    [Fact]
    public void A_product_that_fails_is_retried_with_what_follows_from_it()
    {
        int poison = TwoStacks.ProductUnit(0, 4);
        var run = new Simulation(TwoStacks, 2, 5, 0) { Poison = { poison } };
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Failed);
        run.LastReason.ShouldNotBeNull();
        run.LastReason.ShouldContain("product 5 of 5, stack 1 of 2");
        run.Dispatched.ShouldNotContain(TwoStacks.PublicationUnit(0));
        run.Poison.Clear();
        run.Tell(new RetryJob(Id));
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Succeeded);
        run.NeedsViolated.ShouldBeEmpty();
    }

    [Fact]
    public void A_job_whose_acquisition_cannot_be_read_fails_with_the_reason()
    {
        var run = new Simulation(Shape, 2, 5, 0) { Poison = { 1 } };
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Failed);
        run.LastReason.ShouldNotBeNull();
        run.LastReason.ShouldContain("acquisition 2 of 4");
        run.LastReason.ShouldContain("poison");
    }

    [Fact]
    public void A_job_of_which_every_tile_fails_fails()
    {
        var run = new Simulation(Shape, 2, 5, 0);
        for (int unit = Shape.Acquisitions; unit < Shape.FirstAggregate; unit++)
            run.Poison.Add(unit);
        run.ToTheEnd();
        run.Job.Phase.ShouldBe(JobPhase.Failed);
    }

    [Fact]
    public void Nothing_of_a_cancelled_job_is_dispatched_any_more()
    {
        var run = new Simulation(Shape, 2, 5, 0);
        run.Steps(8);
        run.Tell(new CancelJob(Id, "by its owner"));
        int dispatched = run.Dispatched.Count;
        run.Steps(100);
        run.Job.Phase.ShouldBe(JobPhase.Cancelled);
        run.Dispatched.Count.ShouldBe(dispatched);
        JobMachine.Decide(run.Job, new CancelJob(Id, "again"), Policy).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_handed_back_unit_uses_up_no_attempt()
    {
        var job = Running(Shape);
        for (int round = 0; round < 20; round++)
        {
            var out1 = JobMachine.Dispatch(job, 0).Units[0];
            job.Evolve(out1);
            job.Evolve(JobMachine.Decide(job, new WorkReturned(Id, 0, out1.Attempt, "w"), Policy).Units[0]);
        }

        job.Status(0).ShouldBe(UnitStatus.Waiting);
        job.Failures(0).ShouldBe(0);
    }

    [Fact]
    public void A_report_of_an_outdated_attempt_is_ignored_unless_it_is_a_success()
    {
        var job = Running(Shape);
        job.Evolve(new UnitChange(0, UnitStatus.Dispatched, 2, 1));
        JobMachine.Decide(job, new WorkFailed(Id, 0, 1, "w", "late", false), Policy).IsEmpty.ShouldBeTrue();
        JobMachine.Decide(job, new WorkReturned(Id, 0, 1, "w"), Policy).IsEmpty.ShouldBeTrue();
        JobMachine.Decide(job, new AcquisitionPrepared(Id, 0, 1, "w", 1), Policy).Units.Single().Status.ShouldBe(UnitStatus.Done);
    }

    [Fact]
    public void A_small_job_is_served_beside_a_big_one()
    {
        var big = Running(new JobShape(0, [new PairShape(0, 0, 300, 0)], 1), "big");
        var small = Running(new JobShape(0, [new PairShape(0, 0, 15, 0)], 1), "small");
        big = WithPrepared(big);
        small = WithPrepared(small);
        Dispatcher.Fill([big], 8).Count.ShouldBe(16);
        for (int done = 0; done < 8; done++)
            big.Evolve(new UnitChange(big.Shape!.Acquisitions + done, UnitStatus.Done, 1, 0));
        var next = Dispatcher.Fill([big, small], 8);
        next.Count.ShouldBe(8);
        next.Count(decision => decision.Job == small.Id).ShouldBe(8);
    }

    [Fact]
    public void A_higher_priority_goes_first()
    {
        var low = WithPrepared(Running(new JobShape(0, [new PairShape(0, 0, 50, 0)], 1), "low"));
        var high = WithPrepared(Running(new JobShape(0, [new PairShape(0, 0, 50, 0)], 1), "high"));
        high.Priority = 5;
        Dispatcher.Fill([low, high], 4).ShouldAllBe(decision => decision.Job == high.Id);
    }

    [Fact]
    public void A_silent_worker_loses_its_units_and_a_waiting_queue_does_not()
    {
        var leases = new LeaseTable();
        var start = DateTimeOffset.UnixEpoch;
        leases.Sent(Id, 1, 1, start);
        leases.Sent(Id, 2, 1, start);
        var beat = new NodeHeartbeat("w", [NodeRoles.CorrelationWorker], "1", 3, false, [new RunningUnit(Id, 1, 1)], start);
        leases.Heard(beat, start.AddSeconds(5));
        leases.Slots(start.AddSeconds(6), TimeSpan.FromSeconds(15)).ShouldBe(3);
        leases.Expired(start.AddSeconds(30), Policy).ShouldBeEmpty();
        var expired = leases.Expired(start.AddSeconds(40), Policy);
        expired.Single().Unit.ShouldBe(1);
        expired.Single().Reason.ShouldContain("w has not answered");
        leases.Expired(start.AddMinutes(11), Policy).Count.ShouldBe(2);
    }

    [Fact]
    public void Silence_while_the_coordinator_stood_still_is_held_against_nobody()
    {
        var leases = new LeaseTable();
        var start = DateTimeOffset.UnixEpoch;
        leases.Sent(Id, 1, 1, start);
        leases.Heard(new NodeHeartbeat("w", [NodeRoles.CorrelationWorker], "1", 1, false, [new RunningUnit(Id, 1, 1)], start), start);
        leases.Excuse(start.AddSeconds(60));
        leases.Expired(start.AddSeconds(61), Policy).ShouldBeEmpty();
        leases.Expired(start.AddSeconds(91), Policy).Single().Worker.ShouldBe("w");
    }

    [Fact]
    public void A_retry_tells_the_nodes_that_the_job_is_wanted_again()
    {
        var job = Running(Shape);
        job.Evolve(JobPhase.Cancelled);
        JobMachine.Decide(job, new RetryJob(Id), Policy).Send.ShouldBe([new NodeControl(NodeOrder.KeepJob, null, Id)]);
    }

    private static JobState Running(JobShape shape, string id = "job")
    {
        var job = new JobState(new JobId(id), JobPhase.Accepted, 0, shape);
        job.Evolve(JobPhase.Running);
        return job;
    }

    // The shapes of the fairness tests name acquisition 0 without having one: give them one that is prepared.
    private static JobState WithPrepared(JobState job)
    {
        var shape = job.Shape! with { Acquisitions = 1 };
        var prepared = Running(new JobShape(1, shape.Pairs, shape.Stacks), job.Id.Value);
        prepared.Evolve(new UnitChange(0, UnitStatus.Done, 1, 0));
        return prepared;
    }

    /// <summary>Workers and a bus that lose, repeat, delay and hand back, driven by a seed.</summary>
    private sealed class Simulation
    {
        private readonly Random _random;
        private readonly double _trouble;
        private readonly int _slots;
        private readonly List<IWorkCommand> _queue = [];
        private readonly List<IMessage> _late = [];

        public Simulation(JobShape shape, int slots, int seed, double trouble)
        {
            _random = new Random(seed);
            _trouble = trouble;
            _slots = slots;
            Job = Running(shape);
            PhaseChanges = 1;
        }

        public JobState Job { get; }

        public HashSet<int> Poison { get; } = [];

        public List<int> Dispatched { get; } = [];

        public List<IWorkCommand> Commands { get; } = [];

        public List<string> NeedsViolated { get; } = [];

        public List<int> Gaps { get; private set; } = [];

        public int PhaseChanges { get; private set; }

        public string? LastReason { get; private set; }

        public void ToTheEnd()
        {
            for (int step = 0; step < 20000 && !Job.IsFinal; step++)
                Step();
        }

        public void Steps(int count)
        {
            for (int step = 0; step < count; step++)
                Step();
        }

        public void Tell(IMessage message)
        {
            var decision = JobMachine.Decide(Job, message, Policy);
            foreach (var change in decision.Units)
                Job.Evolve(change);
            if (decision.Phase is { } phase)
            {
                Job.Evolve(phase);
                PhaseChanges++;
                LastReason = decision.Reason;
            }
        }

        private void Step()
        {
            foreach (var decision in Dispatcher.Fill([Job], _slots))
            {
                var command = (IWorkCommand)decision.Send.Single();
                Dispatched.Add(command.Unit);
                Commands.Add(command);
                CheckNeeds(command);
                _queue.Add(command);
            }

            if (_queue.Count > 0)
                Work(_queue[_random.Next(_queue.Count)]);
            else if (!Job.IsFinal)
                Expire();
            if (_late.Count > 0 && _random.NextDouble() < 0.5)
                Tell(_late[_random.Next(_late.Count)]);
        }

        private void Work(IWorkCommand command)
        {
            _queue.Remove(command);
            double luck = _random.NextDouble();
            if (Poison.Contains(command.Unit))
                Tell(new WorkFailed(Id, command.Unit, command.Attempt, "w", "poison", false));
            else if (luck < _trouble / 3)
                Tell(new WorkReturned(Id, command.Unit, command.Attempt, "w"));
            else if (luck < _trouble / 2 && Job.Failures(command.Unit) + 1 < Policy.MaximumAttempts)
                Tell(new WorkFailed(Id, command.Unit, command.Attempt, "w", "bad luck", false));
            else if (luck < _trouble && Job.Failures(command.Unit) + 1 < Policy.MaximumAttempts)
                _late.Add(Done(command)); // The worker died after the work: nobody hears of it, or much later.
            else
                Finish(command);
        }

        private void Finish(IWorkCommand command)
        {
            var done = Done(command);
            Tell(done);
            if (_random.NextDouble() < _trouble)
                _late.Add(done);
        }

        private void Expire()
        {
            for (int unit = 0; unit < Job.Shape!.Units; unit++)
            {
                var decision = JobMachine.Expire(Job, unit, "w", "silent", Policy);
                foreach (var change in decision.Units)
                    Job.Evolve(change);
            }
        }

        private static IMessage Done(IWorkCommand command) => command switch
        {
            PrepareAcquisition => new AcquisitionPrepared(Id, command.Unit, command.Attempt, "w", 1),
            CorrelateTile => new TileCorrelated(Id, command.Unit, command.Attempt, "w", 1),
            AggregatePair => new PairAggregated(Id, command.Unit, command.Attempt, "w", 1),
            SummariseStack => new StackSummarised(Id, command.Unit, command.Attempt, "w", 1),
            WriteProduct => new ProductWritten(Id, command.Unit, command.Attempt, "w", 1),
            _ => new ResultPublished(Id, command.Unit, command.Attempt, "w", 1),
        };

        private void CheckNeeds(IWorkCommand command)
        {
            var shape = Job.Shape!;
            bool Ended(int unit) => Job.Status(unit) >= UnitStatus.Done;
            if (command is CorrelateTile)
            {
                var pair = shape.Pairs[shape.TileOf(command.Unit).Pair];
                if (!Ended(pair.Reference) || !Ended(pair.Secondary))
                    NeedsViolated.Add($"tile {command.Unit} before its acquisitions");
            }
            else if (command is AggregatePair)
            {
                int pair = command.Unit - shape.FirstAggregate;
                if (!Enumerable.Range(0, shape.Pairs[pair].Tiles).All(tile => Ended(shape.TileUnit(pair, tile))))
                    NeedsViolated.Add($"pair {pair} before its tiles");
            }
            else if (command is SummariseStack summary && summary.Unit != shape.Mosaic)
            {
                Gaps = [.. summary.FailedTiles];
                int stack = summary.Unit - shape.FirstSummary;
                if (!Enumerable.Range(0, shape.Pairs.Count).Where(pair => shape.Pairs[pair].Stack == stack).All(pair => Ended(shape.AggregateUnit(pair))))
                    NeedsViolated.Add($"summary {stack} before its pairs");
            }
            else if (command is WriteProduct && command.Unit < shape.FirstPublication)
            {
                if (!Ended(shape.SummaryUnit(shape.ProductOf(command.Unit).Stack)))
                    NeedsViolated.Add($"product {command.Unit} before the statistics");
            }
            else if (command is PublishResult && command.Unit != shape.Mosaic)
            {
                int stack = command.Unit - shape.FirstPublication;
                if (!Enumerable.Range(0, shape.Products[stack]).All(product => Ended(shape.ProductUnit(stack, product))))
                    NeedsViolated.Add($"publication {stack} before its products");
            }
            else if (command is WriteProduct or PublishResult or SummariseStack)
            {
                int first = shape.SplitsProducts ? shape.FirstPublication : shape.FirstSummary, last = command is WriteProduct ? shape.FirstOfMosaic : shape.Mosaic;
                if (!Enumerable.Range(first, last - first).All(Ended))
                    NeedsViolated.Add($"unit {command.Unit} of the mosaic before what it needs");
            }
        }
    }
}
