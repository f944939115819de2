using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using GdmOptEtq.Benchmarks;

// In this process: no project is generated and restored, so it runs wherever the tests do.
var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
BenchmarkSwitcher.FromTypes([typeof(MatcherKernels)]).Run(args.Length > 0 ? args : ["--filter", "*"], config);
