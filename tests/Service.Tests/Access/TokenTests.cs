using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GdmOptEtq.Service.Access;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GdmOptEtq.Service.Tests.Access;

/// <summary>An issuer on loopback: its configuration and its keys.</summary>
public sealed class Issuer : IDisposable
{
    private readonly HttpListener _listener = new();

    public Issuer()
    {
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        Key = new RsaSecurityKey(RSA.Create(2048)) { KeyId = "one" };
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    public RsaSecurityKey Key { get; }

    public string Token(string? issuer = null, string audience = "gdm", DateTime? expires = null, string scope = "gdm:read gdm:submit", SigningCredentials? credentials = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Address,
            Audience = audience,
            Expires = expires ?? DateTime.UtcNow.AddMinutes(10),
            Subject = new ClaimsIdentity([new Claim("sub", "anna@example.org"), new Claim("scope", scope)]),
            SigningCredentials = credentials ?? new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        });

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            var parameters = Key.Rsa.ExportParameters(false);
            string text = context.Request.Url!.AbsolutePath == "/keys"
                ? new JsonObject
                {
                    ["keys"] = new JsonArray(new JsonObject
                    {
                        ["kty"] = "RSA", ["use"] = "sig", ["kid"] = "one", ["n"] = Base64UrlEncoder.Encode(parameters.Modulus), ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
                    }),
                }.ToJsonString()
                : new JsonObject { ["issuer"] = Address, ["jwks_uri"] = Address + "/keys", ["authorization_endpoint"] = Address + "/authorise", ["token_endpoint"] = Address + "/token" }.ToJsonString();
            context.Response.ContentType = "application/json";
            context.Response.Close(Encoding.UTF8.GetBytes(text), willBlock: true);
        }
    }
}

public sealed class TokenTests(Issuer issuer) : IClassFixture<Issuer>
{
    private readonly BearerTokens _tokens = new(new ServiceSettings { Auth = ["oidc"], OidcIssuer = issuer.Address, OidcAudience = "gdm" });

    [Fact]
    public async Task A_token_of_the_issuer_names_owner_and_scopes()
    {
        var caller = (await _tokens.FindAsync(issuer.Token())).ShouldNotBeNull();
        caller.Owner.ShouldBe("anna@example.org");
        caller.Scopes.Order().ShouldBe([Scope.Read, Scope.Submit]);
    }

    [Fact]
    public async Task Scopes_that_are_not_ours_give_nothing() =>
        (await _tokens.FindAsync(issuer.Token(scope: "openid profile admin gdm:everything 2"))).ShouldNotBeNull().Scopes.ShouldBeEmpty();

    [Fact]
    public async Task Every_token_that_is_not_quite_right_is_refused()
    {
        var foreign = new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = "one" }, SecurityAlgorithms.RsaSha256);
        // The trick of signing with the public key as if it were a shared secret.
        byte[] publicKey = Encoding.ASCII.GetBytes(issuer.Key.Rsa.ExportSubjectPublicKeyInfoPem());
        var shared = new SigningCredentials(new SymmetricSecurityKey(publicKey) { KeyId = "one" }, SecurityAlgorithms.HmacSha256);
        string valid = issuer.Token();
        string[] parts = valid.Split('.');
        string none = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""") + "." + parts[1] + ".";
        string changed = parts[0] + "." + Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("anna", "emma", StringComparison.Ordinal)) + "." + parts[2];
        foreach (var (what, token) in (( string, string)[])
        [
            ("expired", issuer.Token(expires: DateTime.UtcNow.AddMinutes(-5))), ("other audience", issuer.Token(audience: "other")), ("other issuer", issuer.Token(issuer: "http://127.0.0.1:1")),
            ("foreign key", issuer.Token(credentials: foreign)), ("shared secret", issuer.Token(credentials: shared)), ("no signature", none), ("changed", changed),
            ("no token", "a.b.c"), ("empty", ""), ("huge", valid + new string('x', 100_000)),
        ])
        {
            (await _tokens.FindAsync(token)).ShouldBeNull(what);
        }
    }
}
