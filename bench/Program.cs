using BenchmarkDotNet.Running;
using DataLayer.Bench;

// bench                      asks which benchmark to run; --filter '*Decode*' runs those
// bench --redis host:port   the Redis engine beside the bare driver
// bench --postgres           measures the PostgreSQL engine beside bare COPY, on a server that it starts and removes
// bench --check-budgets      measures what each hot stage allocates per sample; 1 when one is over its budget in budgets.json
if (args is ["--check-budgets", ..]) return BudgetCheck.Run(args.Length > 1 ? args[1] : Path.Combine(AppContext.BaseDirectory, "budgets.json"), Console.Out);
if (args is ["--redis", var address]) return await RedisThroughput.RunAsync(address);
if (args is ["--postgres"]) return await DataLayer.Bench.Engines.PostgresMeasure.RunAsync(Console.Out);
BenchmarkSwitcher.FromAssembly(typeof(BudgetCheck).Assembly).Run(args);
return 0;
