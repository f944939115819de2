using System.Threading.RateLimiting;
using GdmOptEtq.Service.Http;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Access;

/// <summary>How often one caller may ask: a bucket of tokens for each owner, or for each address where nobody signed in.</summary>
internal sealed class CallerRate : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly PartitionedRateLimiter<string>? _limiter;

    public CallerRate(ServiceSettings settings)
    {
        // 0 switches the limit off; health and the like are counted too, since they answer to anybody.
        if (settings.RequestsPerMinute == 0)
            return;
        _limiter = PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = settings.RequestsPerMinute,
            TokensPerPeriod = Math.Max(1, settings.RequestsPerMinute / 60),
            ReplenishmentPeriod = s_period,
            QueueLimit = 0,
        }));
    }

    /// <exception cref="ProblemException">429: the bucket is empty.</exception>
    public void Take(HttpContext http, Caller caller)
    {
        if (_limiter is null)
            return;
        using var lease = _limiter.AttemptAcquire(caller.Owner.Length > 0 ? "owner " + caller.Owner : $"address {http.Connection.RemoteIpAddress}");
        if (!lease.IsAcquired)
            throw new ProblemException(Problem.TooMany("You ask more often than is allowed: wait a moment, and use /jobs/{jobID}/events instead of asking again and again.", s_period));
    }

    public void Dispose() => _limiter?.Dispose();
}
