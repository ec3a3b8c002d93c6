package dev.holdfast.server;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The local profile's own.
 *
 * @param data where everything is kept between runs
 * @param demo whether to receive a small demo catalogue where none of it is known
 */
@ConfigurationProperties("holdfast")
record LocalProperties(
        @DefaultValue(".holdfast") Path data,
        @DefaultValue("false") boolean demo) {}
