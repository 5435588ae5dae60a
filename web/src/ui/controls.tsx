import { Loader2 } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import {
  Button as AriaButton,
  Checkbox,
  CheckboxGroup,
  FieldError,
  Input,
  Label,
  Radio,
  RadioGroup,
  Switch as AriaSwitch,
  Text,
  TextArea,
  TextField,
  ToggleButton,
  type ButtonProps as AriaButtonProps,
} from "react-aria-components";

interface ButtonProperties extends Omit<AriaButtonProps, "children" | "className"> {
  look?: "primary" | "secondary" | "quiet" | "danger" | "good";
  size?: "normal" | "small" | "large";
  icon?: ReactNode;
  busy?: boolean;
  children: ReactNode;
}

export function Button({ look = "secondary", size = "normal", icon, busy = false, children, ...rest }: ButtonProperties) {
  // A busy button keeps the focus and does nothing; React Aria's own pending state leaves an announcement without a
  // name behind, which screen readers and axe stumble over.
  const idle = busy ? { onPress: () => undefined, type: "button" as const, "data-pending": true } : {};
  return (
    <AriaButton {...rest} {...idle} className={`button button-${look} button-${size}`}>
      {busy ? <Loader2 className="spinning" size={18} aria-hidden /> : icon}
      <span>{children}</span>
    </AriaButton>
  );
}

interface IconButtonProperties extends Omit<AriaButtonProps, "children" | "className"> {
  label: string;
  icon: ReactNode;
}

export function IconButton({ label, icon, ...rest }: IconButtonProperties) {
  return (
    <AriaButton {...rest} aria-label={label} className="icon-button">
      {icon}
    </AriaButton>
  );
}

interface FieldProperties {
  label: string;
  value: string;
  onChange(value: string): void;
  onBlur?: () => void;
  hint?: string;
  problem?: string | null | undefined;
  type?: string;
  name?: string;
  autoComplete?: string;
  autoCapitalize?: "none" | "characters";
  inputMode?: "text" | "tel" | "numeric";
  placeholder?: string;
  required?: boolean;
  /** More than one line can be written, as text of several lines. */
  rows?: number;
  maxLength?: number;
  inputRef?: RefObject<HTMLInputElement | null>;
}

export function Field(properties: FieldProperties) {
  const { label, value, onChange, onBlur, hint, problem, type, name, autoComplete, inputMode, placeholder, required, rows, inputRef } = properties;
  const { autoCapitalize, maxLength } = properties;
  return (
    <TextField
      className="field"
      value={value}
      onChange={onChange}
      isInvalid={Boolean(problem)}
      validationBehavior="aria"
      isRequired={required ?? false}
      {...(onBlur ? { onBlur } : {})}
      {...(type ? { type } : {})}
      {...(name ? { name } : {})}
      {...(autoComplete ? { autoComplete } : {})}
      {...(inputMode ? { inputMode } : {})}
      {...(maxLength ? { maxLength } : {})}
    >
      <Label className="field-label">{label}</Label>
      {rows ? (
        <TextArea className="input" rows={rows} {...(placeholder ? { placeholder } : {})} />
      ) : (
        <Input
          className="input"
          {...(placeholder ? { placeholder } : {})}
          {...(autoCapitalize ? { autoCapitalize, spellCheck: false } : {})}
          {...(inputRef ? { ref: inputRef } : {})}
        />
      )}
      {hint && !problem ? (
        <Text slot="description" className="field-hint">
          {hint}
        </Text>
      ) : null}
      <FieldError className="field-problem">{problem}</FieldError>
    </TextField>
  );
}

interface ChoiceProperties<Value extends string> {
  label: string;
  value: Value | null;
  onChange(value: Value): void;
  options: readonly { value: Value; label: ReactNode; name?: string; isDisabled?: boolean }[];
  look?: "chips" | "cards" | "strip";
  hideLabel?: boolean;
  /** On small screens one line to slide through, instead of several. */
  onOneLine?: boolean;
}

/** One of a few options, all of them visible. */
export function Choice<Value extends string>({ label, value, onChange, options, look = "chips", hideLabel = false, onOneLine = false }: ChoiceProperties<Value>) {
  return (
    <RadioGroup
      className={`choice choice-${look}${onOneLine ? " choice-chips-line" : ""}`}
      value={value}
      onChange={(next) => onChange(next as Value)}
      orientation="horizontal"
      {...(hideLabel ? { "aria-label": label } : {})}
    >
      {hideLabel ? null : <Label className="field-label">{label}</Label>}
      <div className="choice-options">
        {options.map((option) => (
          <Radio
            key={option.value}
            value={option.value}
            className="choice-option"
            isDisabled={option.isDisabled ?? false}
            {...(option.name ? { "aria-label": option.name } : {})}
          >
            {option.label}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

interface ChoicesProperties<Value extends string> {
  label: string;
  values: readonly Value[];
  onChange(values: Value[]): void;
  options: readonly { value: Value; label: ReactNode }[];
}

/** Any of a few options, all of them visible. */
export function Choices<Value extends string>({ label, values, onChange, options }: ChoicesProperties<Value>) {
  return (
    <CheckboxGroup className="choice" value={[...values]} onChange={(next) => onChange(next as Value[])}>
      <Label className="field-label">{label}</Label>
      <div className="choice-options">
        {options.map((option) => (
          <Checkbox key={option.value} value={option.value} className="choice-option">
            {option.label}
          </Checkbox>
        ))}
      </div>
    </CheckboxGroup>
  );
}

interface SelectProperties<Value extends string> {
  label: string;
  value: Value;
  onChange(value: Value): void;
  options: readonly { value: Value; label: string }[];
  problem?: string | null | undefined;
  onBlur?: () => void;
}

/** One of many options, in the device's own list. */
export function Select<Value extends string>({ label, value, onChange, options, problem, onBlur }: SelectProperties<Value>) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <select
        className="input"
        value={value}
        aria-invalid={problem ? true : undefined}
        onBlur={onBlur}
        onChange={(event) => onChange(event.target.value as Value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {problem ? <span className="field-problem">{problem}</span> : null}
    </label>
  );
}

interface DateProperties {
  label: string;
  value: string;
  onChange(value: string): void;
  type?: "date" | "month" | "time";
}

/** A date, month or time in the device's own picker. */
export function DateField({ label, value, onChange, type = "date" }: DateProperties) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <input className="input" type={type} value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

export function Switch({ label, isOn, onChange }: { label: string; isOn: boolean; onChange(isOn: boolean): void }) {
  return (
    <AriaSwitch className="switch" isSelected={isOn} onChange={onChange}>
      <span className="switch-track" aria-hidden>
        <span className="switch-thumb" />
      </span>
      {label}
    </AriaSwitch>
  );
}

interface ToggleChipProperties {
  icon?: ReactNode;
  isOn: boolean;
  onChange(isOn: boolean): void;
  children: ReactNode;
}

/** Something that is on or off, among the chips of a row. */
export function ToggleChip({ icon, isOn, onChange, children }: ToggleChipProperties) {
  return (
    <ToggleButton className="chip" isSelected={isOn} onChange={onChange}>
      {icon}
      {children}
    </ToggleButton>
  );
}

/** One of several, as a chip that opens the device's own list. */
export function SelectChip<Value extends string>({ label, value, onChange, options }: Omit<SelectProperties<Value>, "problem" | "onBlur">) {
  return (
    <select
      className="chip chip-select"
      aria-label={label}
      data-selected={value === options[0]?.value ? undefined : true}
      value={value}
      onChange={(event) => onChange(event.target.value as Value)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
