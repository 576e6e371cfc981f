package dev.sluice.conformance.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.AnnotatedElement;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What is expected here the {@link Reference} does not do; such a test is left out there. */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(OtherwiseInUvicorn.Condition.class)
public @interface OtherwiseInUvicorn {
  /** What it does instead. */
  String value();

  /** Reads the annotation. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      String reason = context.getElement().map(Condition::reason).orElse("");
      return Reference.isChosen() && !reason.isEmpty()
          ? ConditionEvaluationResult.disabled(reason)
          : ConditionEvaluationResult.enabled("the product is tested");
    }

    private static String reason(AnnotatedElement element) {
      OtherwiseInUvicorn found = element.getAnnotation(OtherwiseInUvicorn.class);
      return found == null ? "" : found.value();
    }
  }
}
