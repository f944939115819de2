using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace GdmOptEtq.Service.Access;

/// <summary>
/// Tokens of an OpenID Connect issuer: signature by its published keys (kept, and fetched again when a key is unknown), issuer, audience, time, and an
/// algorithm of the list; a token without signature or signed with a shared secret is never one of them.
/// </summary>
public sealed class BearerTokens
{
    private static readonly string[] s_algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };
    private readonly TokenValidationParameters _rules;

    public BearerTokens(ServiceSettings settings)
    {
        string issuer = settings.OidcIssuer.TrimEnd('/');
        var retriever = new HttpDocumentRetriever { RequireHttps = !(Uri.TryCreate(issuer, UriKind.Absolute, out var address) && address.IsLoopback) };
        _rules = new TokenValidationParameters
        {
            ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>($"{issuer}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), retriever),
            ValidIssuers = [issuer, issuer + "/"],
            ValidAudience = settings.OidcAudience,
            ValidAlgorithms = s_algorithms,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ValidateLifetime = true,
            ClockSkew = TimeSpan.FromMinutes(1),
        };
    }

    /// <summary>The caller of a token; null when it is not valid, whatever the reason.</summary>
    public async Task<Caller?> FindAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _rules);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken valid || valid.Subject is not { Length: > 0 and <= 200 } subject)
            return null;
        // Issuers write scopes as one text ('scope'), as a list ('scp') or as roles; gdm:submit and submit mean the same.
        var scopes = new HashSet<Scope>();
        foreach (string word in valid.Claims.Where(claim => claim.Type is "scope" or "scp" or "roles").SelectMany(claim => claim.Value.Split(' ')))
        {
            string name = word.StartsWith("gdm:", StringComparison.Ordinal) ? word[4..] : word;
            if (Enum.GetValues<Scope>().Any(scope => scope.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)))
                scopes.Add(Enum.Parse<Scope>(name, ignoreCase: true));
        }

        return new Caller(subject, scopes);
    }
}
