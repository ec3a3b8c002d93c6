package dev.holdfast.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.engine.*;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.*;

public final class Bench {
    public static void main(String[] args) throws Exception {
        var config = new HikariConfig();
        config.setJdbcUrl(System.getenv("HOLDFAST_DATABASE_URL"));
        config.setUsername(System.getenv("HOLDFAST_DATABASE_USER"));
        config.setPassword(System.getenv("HOLDFAST_DATABASE_PASSWORD"));
        config.setMaximumPoolSize(16);
        var pool = new HikariDataSource(config);
        var meters = new SimpleMeterRegistry();
        int secs = Integer.parseInt(args[0]); int callers = Integer.parseInt(args[1]);
        try (var engine = StockEngine.open(pool, StockEngine.Options.DEFAULT, meters)) {
            int n = Integer.parseInt(args[2]);
            Line[] lines = new Line[n];
            var receipts = new ArrayList<Command.Receive>();
            for (int i = 0; i < n; i++) { lines[i] = Line.of("SKU-" + i, 1); receipts.add(new Command.Receive(IdempotencyKey.random(), lines[i].stock(), Quantity.of(1_000_000_000), null)); }
            engine.executeAll(receipts);
            var r = Load.run(new LanePath(engine), lines, callers, 3, secs);
            System.out.println("lane " + callers + " callers " + n + " skus " + r);
            meters.forEachMeter(m -> System.out.println(m.getId().getName() + m.getId().getTags() + " " + m.measure()));
            int holds = 0; var rnd = new Random();
            var t0 = System.nanoTime(); long end = t0 + secs * 1_000_000_000L; 
            while (System.nanoTime() < end) {
                var cmds = new ArrayList<Command.PlaceHold>();
                for (int i = 0; i < 1000; i++) cmds.add(Command.PlaceHold.of(IdempotencyKey.random(), lines[rnd.nextInt(n)]));
                engine.executeAll(cmds); holds += 1000;
            }
            System.out.printf("batches of 1000, one client: %.0f/s%n", holds / ((System.nanoTime() - t0) / 1e9));
            for (int k : new int[]{2,4}) {
                var la = new java.util.concurrent.atomic.LongAdder(); long t1 = System.nanoTime(), e2 = t1 + secs * 1_000_000_000L;
                var ts = new ArrayList<Thread>();
                for (int c = 0; c < k; c++) ts.add(Thread.ofPlatform().start(() -> { var rr = new Random(); while (System.nanoTime() < e2) {
                    var cmds = new ArrayList<Command.PlaceHold>();
                    for (int i = 0; i < 1000; i++) cmds.add(Command.PlaceHold.of(IdempotencyKey.random(), lines[rr.nextInt(n)]));
                    engine.executeAll(cmds); la.add(1000); } }));
                for (var t : ts) t.join();
                System.out.printf("batches of 1000, %d clients: %.0f/s%n", k, la.sum() / ((System.nanoTime() - t1) / 1e9));
            }
            System.out.println(engine.invariants().stream().allMatch(Invariant::ok));
        }
        pool.close();
    }
}
