using System.CommandLine;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Cluster;
using GdmOptEtq.Service;
using GdmOptEtq.Service.Access;

namespace GdmOptEtq.Cli.Host;

/// <summary><c>gdm host key</c>: makes, lists and revokes the API keys of a service, in the file it reads.</summary>
internal static class KeyCommand
{
    public static Command Create() => new("key", "API keys of the service: a running service notices changes within a second.") { CreateKey(), List(), Revoke() };

    private static Command CreateKey()
    {
        var owner = new Option<string>("--owner") { Description = "Whose jobs the key's jobs are.", HelpName = "NAME", Required = true };
        var scopes = new Option<Scope[]>("--scope") { Description = "What the key may do: read, submit, operate; repeat the option for several [read and submit].", HelpName = "SCOPE" };
        var days = new Option<int?>("--days") { Description = "Days for which the key is valid [no limit].", HelpName = "N" };
        var command = new Command("create", "Make a key and print it: it is shown this once.") { owner, scopes, days };
        return WithFile(command, (parsed, keys) =>
        {
            string name = parsed.GetValue(owner)!;
            if (name.Length is 0 or > 100 || name.Any(char.IsControl))
                throw new UsageException("The name of the owner has to be a text of 1 to 100 characters: mend --owner.");
            if (parsed.GetValue(days) is < 1)
                throw new UsageException("A key is valid for at least one day: mend --days.");
            Scope[] wanted = parsed.GetValue(scopes) is { Length: > 0 } given ? [.. given.Distinct()] : [Scope.Read, Scope.Submit];
            Console.Out.WriteLine(keys.Create(name, wanted, parsed.GetValue(days) is { } valid ? DateTimeOffset.UtcNow.AddDays(valid) : null));
            return ExitCode.Ok;
        });
    }

    private static Command List()
    {
        var json = SharedOptions.Json();
        var command = new Command("list", "List the keys by their first part; the keys themselves are kept nowhere.") { json };
        return WithFile(command, (parsed, keys) =>
        {
            var list = keys.List();
            if (parsed.GetValue(json))
            {
                Console.Out.WriteLine(new JsonObject
                {
                    ["keys"] = new JsonArray([.. list.Select(key => (JsonNode)new JsonObject
                    {
                        ["prefix"] = key.Prefix, ["owner"] = key.Owner, ["scopes"] = string.Join(' ', key.Scopes).ToLowerInvariant(), ["created"] = key.Created, ["expires"] = key.Expires,
                    })]),
                }.ToJsonString(JsonText.Readable));
                return ExitCode.Ok;
            }

            foreach (var key in list)
                Console.Out.WriteLine($"{key.Prefix}  {string.Join(' ', key.Scopes).ToLowerInvariant(),-20}  {key.Created:yyyy-MM-dd}  {(key.Expires is { } end ? $"until {end:yyyy-MM-dd}" : "no limit"),-16}  {key.Owner}");
            return ExitCode.Ok;
        });
    }

    private static Command Revoke()
    {
        var prefix = new Argument<string>("prefix") { Description = "First part of the key, as 'gdm host key list' prints it." };
        var command = new Command("revoke", "Make a key invalid.") { prefix };
        return WithFile(command, (parsed, keys) => keys.Revoke(parsed.GetValue(prefix)!)
            ? ExitCode.Ok
            : throw new UsageException($"There is no key {parsed.GetValue(prefix)}: 'gdm host key list' lists those there are."));
    }

    private static Command WithFile(Command command, Func<ParseResult, ApiKeys, int> action)
    {
        var data = new Option<string?>("--data") { Description = "Folder of the installation [$GDM_DATA, or gdm-data].", HelpName = "DIR" };
        var file = new Option<string?>("--key-file") { Description = "File of the keys [$GDM_KEY_FILE, or keys.json in the data folder].", HelpName = "FILE" };
        command.Options.Add(data);
        command.Options.Add(file);
        command.SetAction(parsed =>
        {
            var node = new NodeSettings { Data = parsed.GetValue(data) ?? Environment.GetEnvironmentVariable("GDM_DATA") ?? new NodeSettings().Data };
            var settings = new ServiceSettings { KeyFile = parsed.GetValue(file) ?? Environment.GetEnvironmentVariable("GDM_KEY_FILE") ?? "" };
            return action(parsed, new ApiKeys(settings.KeyFileIn(node), TimeProvider.System));
        });
        return command;
    }
}
