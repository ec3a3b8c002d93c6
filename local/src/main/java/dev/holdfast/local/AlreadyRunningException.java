package dev.holdfast.local;

import java.nio.file.Path;
import java.util.Map;

/** Another Holdfast holds the data directory. Carries what that one said about itself. */
public final class AlreadyRunningException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, String> properties;

    AlreadyRunningException(Path data, Map<String, String> properties) {
        super("Holdfast already runs on " + data + ": process " + properties.getOrDefault("pid", "unknown") + ", "
                + properties.getOrDefault("url", "still starting"));
        this.properties = Map.copyOf(properties);
    }

    /** As its {@code instance.properties}: pid, and once it is ready port, url, startedAt and more. */
    public Map<String, String> properties() {
        return properties;
    }

    /** Empty while it is still starting. */
    public String url() {
        return properties.getOrDefault("url", "");
    }

    /** 0 if it has not even said that yet. */
    public long pid() {
        return Long.parseLong(properties.getOrDefault("pid", "0"));
    }
}
