package dev.holdfast.storm;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnectionFactory;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.DefaultHttpProcessor;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.http.protocol.HttpProcessor;
import org.apache.hc.core5.http.protocol.RequestContent;
import org.apache.hc.core5.http.protocol.RequestTargetHost;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * A bounded number of HTTP/1.1 keep-alive connections to one server, or spread evenly over several that share a database; who finds
 * none free waits. Who sends a request again may well meet another server.
 *
 * <p>Apache HttpCore's blocking connection, without the client on top of it: the generator shares two cores with the
 * server. Measured there, 10,000 virtual threads on 128 connections, CPU of the client per request, cold and warm JVM:
 * JDK HttpClient 291 and 108–128 µs, Apache HttpClient 161 and 64–73 µs, HttpCore 97 and 38–47 µs.
 */
final class Connections implements AutoCloseable {

    private static final Pattern MAX_AGE = Pattern.compile("(?:^|[ ,])max-age=(\\d{1,18})");
    private static final int ANSWER_BYTES_MAX = 16 << 20;
    private static final Duration CONNECT_WAIT_MAX = Duration.ofSeconds(2);
    static final Duration ANSWER_WAIT_MAX = Duration.ofSeconds(10); // then the connection counts as lost
    /** While nobody listens: 128 connections / 250 ms = 512 attempts/s, and the CPU is left to the server that starts. */
    private static final long REFUSED_PAUSE_MILLIS = 250;

    private static final long IDLE_TRUSTED_NANOS = 1_000_000_000L; // older: look whether the server hung up meanwhile

    private final Timeout answerWait;
    private final Tally tally;
    private final BlockingQueue<Slot> free;
    private final HttpRequestExecutor executor = new HttpRequestExecutor();
    private final HttpProcessor headers = new DefaultHttpProcessor(new RequestTargetHost(), new RequestContent());
    private final JsonMapper json = new JsonMapper();
    private final AtomicReference<@Nullable Long> failingSinceNanos = new AtomicReference<>();

    /** One server. */
    private record Server(HttpHost host, InetSocketAddress address, String basePath) {
        static Server at(URI url) {
            int port = url.getPort() == -1 ? 80 : url.getPort();
            return new Server(
                    new HttpHost("http", url.getHost(), port),
                    new InetSocketAddress(url.getHost(), port),
                    url.getPath().replaceAll("/+$", ""));
        }

        Socket connect() throws IOException {
            var socket = new Socket();
            try {
                socket.setTcpNoDelay(true);
                socket.connect(address, (int) CONNECT_WAIT_MAX.toMillis());
                return socket;
            } catch (IOException e) {
                socket.close();
                throw e;
            }
        }
    }

    Connections(List<URI> urls, int bound, Duration answerWait, Tally tally) {
        this.answerWait = Timeout.of(answerWait);
        this.tally = tally;
        this.free = new ArrayBlockingQueue<>(bound);
        for (int i = 0; i < bound; i++) {
            free.add(new Slot(Server.at(urls.get(i % urls.size()))));
        }
    }

    /** How long to wait for one answer where a request is repeated for so long. */
    static Duration answerWait(Duration timeout) {
        return ANSWER_WAIT_MAX.compareTo(timeout) < 0 ? ANSWER_WAIT_MAX : timeout;
    }

    /**
     * Sends once and reads the answer.
     *
     * @throws ConnectException the request was never sent
     * @throws IOException anything else: whether it arrived is unknown
     */
    Answer exchange(Request request) throws IOException, InterruptedException {
        var slot = free.take();
        try {
            return slot.exchange(request);
        } catch (ConnectException e) {
            Thread.sleep(REFUSED_PAUSE_MILLIS);
            throw e;
        } finally {
            free.add(slot);
        }
    }

    /** Connects all there may be, so that a burst meets open connections. */
    void openAll() throws IOException {
        for (var slot : free) {
            slot.open();
        }
    }

    /** How long no connection has had an answer, while somebody asked. */
    Duration failingFor() {
        var since = failingSinceNanos.get();
        return since == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** Sends on a connection of its own and hangs up before the answer. */
    void sendAndHangUp(Request request) throws IOException, InterruptedException {
        var body = (request.body() == null ? "" : request.body()).getBytes(StandardCharsets.UTF_8);
        var slot = free.take(); // counts against the bound as any other
        var key = request.key() == null ? "" : "Idempotency-Key: " + request.key() + "\r\n";
        var head = "%s %s%s HTTP/1.1\r\nHost: %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                .formatted(
                        request.method(),
                        slot.server.basePath,
                        request.path(),
                        slot.server.host.toHostString(),
                        key,
                        body.length);
        try (var socket = slot.server.connect()) {
            var out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.flush();
        } finally {
            free.add(slot);
        }
    }

    @Override
    public void close() {
        for (Slot slot; (slot = free.poll()) != null; ) {
            slot.hangUp();
        }
    }

    /** A place for one connection, used by one thread at a time. */
    private final class Slot {

        private final Server server;
        private @Nullable DefaultBHttpClientConnection connection;
        private long usedAtNanos;

        Slot(Server server) {
            this.server = server;
        }

        Answer exchange(Request request) throws IOException {
            try {
                var open = open();
                long sentAtNanos = System.nanoTime();
                var answer = exchange(request, open);
                usedAtNanos = System.nanoTime();
                tally.answered(usedAtNanos - sentAtNanos);
                failingSinceNanos.set(null);
                return answer;
            } catch (IOException e) {
                hangUp();
                failingSinceNanos.compareAndSet(null, System.nanoTime());
                throw e;
            } catch (HttpException e) {
                hangUp();
                throw new IOException("no HTTP: " + e.getMessage(), e);
            }
        }

        private Answer exchange(Request request, DefaultBHttpClientConnection open) throws IOException, HttpException {
            var message = new BasicClassicHttpRequest(request.method(), server.host, server.basePath + request.path());
            if (request.key() != null) {
                message.addHeader("Idempotency-Key", request.key());
            }
            if (request.body() != null) {
                message.setEntity(new ByteArrayEntity(
                        request.body().getBytes(StandardCharsets.UTF_8), ContentType.APPLICATION_JSON));
            }
            request.headers().forEach(message::addHeader);
            var context = HttpCoreContext.create();
            long sentMicros = WallClock.micros();
            executor.preProcess(message, headers, context);
            try (var response = executor.execute(message, open, context)) {
                var entity = response.getEntity();
                var bytes = entity == null ? null : EntityUtils.toByteArray(entity, ANSWER_BYTES_MAX);
                var replayed = response.getFirstHeader("Idempotent-Replayed");
                var retryAfter = response.getFirstHeader("Retry-After");
                var wish = retryAfter == null ? null : wholeSeconds(retryAfter.getValue());
                var answer = new Answer(
                        response.getCode(),
                        parse(bytes),
                        replayed != null && replayed.getValue().equals("true"),
                        wish == null ? null : Duration.ofSeconds(wish),
                        copy(response),
                        sentMicros,
                        WallClock.micros());
                if (!DefaultConnectionReuseStrategy.INSTANCE.keepAlive(message, response, context)) {
                    hangUp();
                }
                return answer;
            }
        }

        private DefaultBHttpClientConnection open() throws IOException {
            var open = connection;
            if (open != null && System.nanoTime() - usedAtNanos > IDLE_TRUSTED_NANOS && open.isStale()) {
                hangUp();
                open = null;
            }
            if (open == null) {
                open = DefaultBHttpClientConnectionFactory.builder().build().createConnection(server.connect());
                open.setSocketTimeout(answerWait);
                connection = open;
                usedAtNanos = System.nanoTime();
            }
            return open;
        }

        void hangUp() {
            var open = connection;
            connection = null;
            if (open != null) {
                open.close(CloseMode.IMMEDIATE);
            }
        }
    }

    private JsonNode parse(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length == 0) {
            return MissingNode.getInstance();
        }
        try {
            return json.readTree(bytes);
        } catch (JacksonException e) {
            return MissingNode.getInstance(); // judged by whoever expected JSON
        }
    }

    private static Answer.Copy copy(HttpResponse response) {
        var etag = response.getFirstHeader("ETag");
        var age = response.getFirstHeader("Age");
        var control = response.getFirstHeader("Cache-Control");
        var maxAge = control == null ? null : MAX_AGE.matcher(control.getValue());
        return new Answer.Copy(
                etag == null ? null : etag.getValue(),
                age == null ? null : wholeSeconds(age.getValue()),
                maxAge != null && maxAge.find() ? wholeSeconds(maxAge.group(1)) : null);
    }

    /** Anything else is as good as not said: of a wish for a date, the caller then waits its own time. */
    private static @Nullable Long wholeSeconds(String text) {
        try {
            return Long.valueOf(text.strip());
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
