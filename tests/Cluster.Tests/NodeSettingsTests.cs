using GdmOptEtq.Cluster.Messages;

namespace GdmOptEtq.Cluster.Tests;

public sealed class NodeSettingsTests
{
    private static readonly string[] All = [NodeRoles.Coordinator, NodeRoles.CorrelationWorker, NodeRoles.Aggregator];

    [Theory]
    [InlineData("s3://bucket/work")]
    [InlineData("/vsis3/bucket/work")]
    public void A_bucket_as_work_store_is_refused_with_what_to_name_instead(string place)
    {
        using var folder = new ScratchFolder();
        new NodeSettings { Data = folder.Path, Work = place }.Faults(All).Single().ShouldContain("a folder whose files can be renamed");
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_told_at_start_and_a_good_one_is_left_empty()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["file"], "");
        new NodeSettings { Data = folder.Path, Work = folder["file/work"] }.Faults(All).Single().ShouldContain("cannot be written");
        new NodeSettings { Data = folder.Path }.Faults(All).ShouldBeEmpty();
        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).ShouldBe([folder["file"]]);
    }

    [Fact]
    public void Every_period_follows_from_the_lease()
    {
        var reasons = new List<string>();
        var policy = new NodeSettings().With("lease", "6", "test", reasons).Policy;
        reasons.ShouldBeEmpty();
        policy.Lease.ShouldBe(TimeSpan.FromSeconds(6));
        policy.Heartbeat.ShouldBe(TimeSpan.FromSeconds(0.6));
        policy.CoordinatorLease.ShouldBe(TimeSpan.FromSeconds(2));
        new NodeSettings().Policy.Heartbeat.ShouldBe(TimeSpan.FromSeconds(3));
        new NodeSettings().With("lease", "1", "test", reasons);
        reasons.Single().ShouldContain("from 3 to 3600");
    }
}
