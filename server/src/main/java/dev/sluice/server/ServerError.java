package dev.sluice.server;

import dev.sluice.python.ErrorCode;

/** Failures of loading an application and of serving it. */
public enum ServerError implements ErrorCode {
  // The application: SL201 to SL299.
  MODULE_NOT_FOUND("SL201"),
  ATTRIBUTE_NOT_FOUND("SL202"),
  NOT_CALLABLE("SL203"),
  IMPORT_RAISED("SL204"),
  LIFESPAN_FAILED("SL205"),
  APP_DIR_NOT_FOUND("SL206"),
  NO_MICROTHREADS("SL207"),

  // The network: SL301 to SL399.
  ADDRESS_INVALID("SL301"),
  ADDRESS_NOT_BOUND("SL302"),
  TRANSPORT_MISSING("SL303"),
  TRUSTED_PROXIES_INVALID("SL310"),
  SOCKET_ACTIVATION_INVALID("SL311"),

  // Operating it: SL320 to SL329.
  ACCESS_LOG_FORMAT_INVALID("SL320"),
  ACCESS_LOG_NOT_OPENED("SL321"),

  // TLS: SL330 to SL339.
  CERTIFICATE_UNREADABLE("SL330"),
  KEY_UNREADABLE("SL331"),
  KEY_PASSWORD_WRONG("SL332"),
  KEY_DOES_NOT_FIT("SL333"),
  CLIENT_CA_UNREADABLE("SL334"),
  CERTIFICATE_UNUSABLE("SL335"),
  CERTIFICATE_OUT_OF_DATE("SL336");

  private final String id;

  ServerError(String id) {
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }
}
