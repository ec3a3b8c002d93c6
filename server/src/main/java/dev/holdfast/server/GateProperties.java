package dev.holdfast.server;

import dev.holdfast.engine.StockEngine;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Whether holds and sales of what is sold out are refused before the queue; explained at {@link StockEngine.Options}.
 *
 * @param enabled off: every request is decided by the write path
 */
@ConfigurationProperties("holdfast.gate")
record GateProperties(@DefaultValue("true") boolean enabled) {}
