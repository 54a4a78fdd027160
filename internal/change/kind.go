package change

// Kind names what a change is, for programs.
type Kind string

// The kinds of change.
const (
	PackageChanged Kind = "package-changed"
	OutputChanged  Kind = "output-changed"
	PartRemoved    Kind = "part-removed" // a part of the engine that the package no longer needs

	ProviderChanged   Kind = "provider-changed"
	IssuerChanged     Kind = "issuer-changed"
	ClientChanged     Kind = "client-id-changed"
	AudienceChanged   Kind = "audience-changed"
	CallbackAdded     Kind = "callback-added"
	CallbackRemoved   Kind = "callback-removed"
	CallbacksOrder    Kind = "callbacks-order-changed"
	ParameterAdded    Kind = "sign-in-parameter-added"
	ParameterRemoved  Kind = "sign-in-parameter-removed"
	ParameterChanged  Kind = "sign-in-parameter-changed"
	BaseURLChanged    Kind = "base-url-changed"
	ScopeAdded        Kind = "scope-added"
	ScopeRemoved      Kind = "scope-removed"
	ScopeRenamed      Kind = "scope-renamed"
	ScopeGoName       Kind = "scope-go-name-changed"
	ScopeRequest      Kind = "scope-request-changed" // at the sign-in, or on demand
	ScopeDescription  Kind = "scope-description-changed"
	EndpointAdded     Kind = "endpoint-added"
	EndpointRemoved   Kind = "endpoint-removed"
	EndpointRenamed   Kind = "endpoint-renamed"
	EndpointRoute     Kind = "endpoint-route-changed" // method or path
	EndpointGroup     Kind = "endpoint-group-changed"
	EndpointAuth      Kind = "endpoint-auth-changed"
	EndpointScopes    Kind = "endpoint-scopes-changed"
	EndpointPath      Kind = "endpoint-path-parameters-changed"
	EndpointBody      Kind = "endpoint-body-changed"
	EndpointReturns   Kind = "endpoint-returns-changed"
	EndpointParamNew  Kind = "endpoint-parameter-added" // of the query or the headers
	EndpointParamGone Kind = "endpoint-parameter-removed"
	EndpointParam     Kind = "endpoint-parameter-changed"
	TypeAdded         Kind = "type-added"
	TypeRemoved       Kind = "type-removed"
	TypeChanged       Kind = "type-changed" // a struct is an enum now, or an enum a struct
	TypeComparable    Kind = "type-not-comparable"
	TypeMarshal       Kind = "type-marshal-json-removed"
	FieldAdded        Kind = "field-added"
	FieldRemoved      Kind = "field-removed"
	FieldChanged      Kind = "field-changed"
	EnumValueAdded    Kind = "enum-value-added"
	EnumValueRemoved  Kind = "enum-value-removed"
	EnumValueChanged  Kind = "enum-value-changed" // its Go name, or what its constant means
	Deprecated        Kind = "deprecated"
	Undeprecated      Kind = "no-longer-deprecated"
)
