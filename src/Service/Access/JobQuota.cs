using GdmOptEtq.Cluster.Coordinator;
using GdmOptEtq.Cluster.Jobs;
using GdmOptEtq.Service.Http;

namespace GdmOptEtq.Service.Access;

/// <summary>How many jobs of one owner may be open at once; operators have no limit.</summary>
internal sealed class JobQuota(ServiceSettings settings, IJobStore store) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Waits for the turn to store a job; the caller disposes it once the job is stored, so that two requests cannot both take the last place.</summary>
    /// <exception cref="ProblemException">429: all places are taken.</exception>
    public async Task<IDisposable> TakeAsync(Caller caller, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (caller.Owner.Length > 0 && !caller.May(Scope.Operate))
            {
                var open = await store.ListAsync(new JobQuery { Owner = caller.Owner, Phases = [JobPhase.Accepted, JobPhase.Running], Limit = settings.JobsPerOwner }, cancellation);
                if (open.Count >= settings.JobsPerOwner)
                {
                    throw new ProblemException(Problem.TooMany(
                        $"You have {open.Count} jobs open, as many as are allowed at once: wait until one is finished, or dismiss one.", TimeSpan.FromSeconds(30)));
                }
            }

            return new Turn(_turn);
        }
        catch
        {
            _turn.Release();
            throw;
        }
    }

    public void Dispose() => _turn.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
