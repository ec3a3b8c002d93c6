package dev.holdfast.samples.jpa;

import java.util.UUID;

record OrderAccepted(UUID holdId) {}
