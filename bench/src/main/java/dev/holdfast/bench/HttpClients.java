package dev.holdfast.bench;

import dev.holdfast.engine.IdempotencyKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnectionFactory;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;

/** Keep-alive connections without a client library on top of them: the generator shares the cores with what it measures. */
final class HttpClients implements AutoCloseable {
    private final HttpHost host;
    private final BlockingQueue<DefaultBHttpClientConnection> free;
    private final HttpRequestExecutor executor = new HttpRequestExecutor();

    HttpClients(int port, int connections) throws IOException {
        host = new HttpHost("http", "127.0.0.1", port);
        free = new ArrayBlockingQueue<>(connections);
        for (int i = 0; i < connections; i++) {
            var socket = new Socket();
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.connect(new InetSocketAddress(host.getHostName(), port));
            free.add(DefaultBHttpClientConnectionFactory.builder().build().createConnection(socket));
        }
    }

    /** Sends a JSON body and returns the status. */
    int post(String path, byte[] body) throws IOException, HttpException, InterruptedException {
        var request = with(body, "POST", path);
        request.setHeader("Idempotency-Key", IdempotencyKey.randomUuidV7().toString());
        return status(request);
    }

    /** Sends a JSON body and returns the status; 0 if the answer does not have this text in it. */
    int post(String path, byte[] body, String text) throws IOException, HttpException, InterruptedException {
        var request = with(body, "POST", path);
        request.setHeader("Idempotency-Key", IdempotencyKey.randomUuidV7().toString());
        return exchange(
                request,
                response -> EntityUtils.toString(response.getEntity()).contains(text) ? response.getCode() : 0);
    }

    /**
     * Sends a JSON body and returns the path of what it has made.
     *
     * @throws IOException if it was refused
     */
    String create(String path, byte[] body) throws IOException, HttpException, InterruptedException {
        var request = with(body, "POST", path);
        request.setHeader("Idempotency-Key", IdempotencyKey.randomUuidV7().toString());
        return exchange(request, response -> {
            var text = EntityUtils.toString(response.getEntity());
            var location = response.getFirstHeader("Location");
            if (response.getCode() != 201 || location == null) {
                throw new IOException(path + " answered " + response.getCode() + " " + text);
            }
            return location.getValue();
        });
    }

    int put(String path, byte[] body) throws IOException, HttpException, InterruptedException {
        return status(with(body, "PUT", path));
    }

    /** @param headers name, value, name, value */
    int get(String path, String... headers) throws IOException, HttpException, InterruptedException {
        var request = request("GET", path);
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return status(request);
    }

    record Page(String etag, String body) {}

    /** @throws IOException if the answer is not 200 with an entity tag */
    Page read(String path) throws IOException, HttpException, InterruptedException {
        return exchange(request("GET", path), response -> {
            var etag = response.getFirstHeader("ETag");
            if (response.getCode() != 200 || etag == null) {
                throw new IOException(path + " answered " + response.getCode() + " and no page");
            }
            return new Page(etag.getValue(), EntityUtils.toString(response.getEntity()));
        });
    }

    private BasicClassicHttpRequest with(byte[] body, String method, String path) {
        var request = request(method, path);
        request.setHeader("Content-Length", Integer.toString(body.length));
        request.setHeader("Content-Type", "application/json");
        request.setEntity(new ByteArrayEntity(body, ContentType.APPLICATION_JSON));
        return request;
    }

    private BasicClassicHttpRequest request(String method, String path) {
        var request = new BasicClassicHttpRequest(method, host, path);
        request.setHeader("Host", host.toHostString());
        return request;
    }

    private int status(BasicClassicHttpRequest request) throws IOException, HttpException, InterruptedException {
        return exchange(request, response -> {
            EntityUtils.consume(response.getEntity());
            return response.getCode();
        });
    }

    private <T> T exchange(BasicClassicHttpRequest request, HttpClientResponseHandler<T> handler)
            throws IOException, HttpException, InterruptedException {
        var connection = free.take();
        try (var response = executor.execute(request, connection, HttpCoreContext.create())) {
            return handler.handleResponse(response);
        } finally {
            free.add(connection);
        }
    }

    static byte[] holdOf(String sku) {
        return "{\"lines\":[{\"sku\":\"%s\",\"quantity\":1}]}".formatted(sku).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        free.forEach(connection -> connection.close(CloseMode.IMMEDIATE));
    }
}
