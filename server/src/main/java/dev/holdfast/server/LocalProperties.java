package dev.holdfast.server;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The local profile's own.
 *
 * @param data where everything is kept between runs
 * @param nodes how many servers run on it, 1 to 8, at ports from {@code server.port} on
 * @param demo whether to receive a small demo catalogue where none of it is known
 */
@ConfigurationProperties("holdfast")
record LocalProperties(
        @DefaultValue(".holdfast") Path data,
        @DefaultValue("1") int nodes,
        @DefaultValue("false") boolean demo) {

    LocalProperties {
        if (nodes < 1 || nodes > LocalNodes.MAX) {
            throw new IllegalArgumentException("holdfast.nodes is " + nodes + ", not 1 to " + LocalNodes.MAX);
        }
    }
}
